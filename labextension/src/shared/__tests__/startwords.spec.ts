import { describe, expect, it } from 'vitest';

import { moment } from '../format';
import { startWords } from '../startwords';
import { english } from '../trans';

const MADE = Date.UTC(2026, 4, 1);
const NOW = MADE + 300_000;

describe('what is said of the start of a run', () => {
  it('is how long ago it was, and how long it took', () => {
    expect(startWords('RUNNING', MADE, null, NOW, english)).toMatchObject({
      text: '5 min ago',
      full: moment(MADE),
      phrase: 'started 5 min ago',
      took: '5:00'
    });
    expect(startWords('FINISHED', MADE, MADE + 400, NOW, english).took).toBe('0.4 s');
  });

  it('is not that a run started which waits, for the first time or again', () => {
    expect(startWords('SCHEDULED', MADE, null, NOW, english)).toEqual({
      isQueued: true,
      text: 'Queued',
      full: `Queued; made, or begun first, at ${moment(MADE)}`,
      phrase: '',
      took: ''
    });
  });

  it('is nothing where it is not known', () => {
    const { text, full, took } = startWords('RUNNING', 0, null, NOW, english);
    expect([text, full, took]).toEqual(['', '', '']);
  });
});
