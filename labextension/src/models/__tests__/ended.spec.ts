import { describe, expect, it } from 'vitest';

import { makeJob } from '../../__tests__/builders';
import { endedJustNow } from '../ended';

const running = makeJob({ started_at: 0 });
const ended = makeJob({ state: 'SUCCEEDED', started_at: 0, ended_at: 90_000 });

describe('a notification', () => {
  it('is due when a long job has ended', () => {
    expect(endedJustNow(running, ended, 60_000)).toBe(true);
  });

  it.each([
    ['a job that had ended before', ended, ended],
    ['a job that was not known to run', undefined, ended],
    ['a job that still runs', running, running],
    ['a short job', running, makeJob({ state: 'FAILED', started_at: 0, ended_at: 1000 })],
    ['a job that never started', running, makeJob({ state: 'CANCELED', started_at: null })]
  ])('is not due for %s', (_, before, now) => {
    expect(endedJustNow(before, now, 60_000)).toBe(false);
  });
});
