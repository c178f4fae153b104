import { describe, expect, it, vi } from 'vitest';

import { ApiError } from '../../../api/request';
import type { IRun } from '../../../api/types';
import { RunCache } from '../runs';

const named = (name: string) => ({ info: { run_name: name } }) as IRun;

describe('The run behind a version', () => {
  it('stays in view while it is renewed', async () => {
    let answer: (run: IRun) => void = () => undefined;
    const run = vi
      .fn<(id: string) => Promise<IRun>>()
      .mockResolvedValueOnce(named('before'))
      .mockImplementationOnce(() => new Promise(resolve => (answer = resolve)));
    const runs = new RunCache({ run }, () => undefined);
    runs.want(['r1']);
    await expect.poll(() => runs.get('r1')?.info.run_name).toBe('before');
    runs.renew(['r1', 'r2']);
    expect(run.mock.calls).toEqual([['r1'], ['r1']]);
    expect(runs.get('r1')?.info.run_name).toBe('before');
    answer(named('now'));
    await expect.poll(() => runs.get('r1')?.info.run_name).toBe('now');
  });

  it('is asked for again after a fault, and gone only when the server says so', async () => {
    const run = vi
      .fn<(id: string) => Promise<IRun>>()
      .mockRejectedValueOnce(new ApiError('network', 'away'))
      .mockRejectedValueOnce(new ApiError('refused', 'No such run.', { status: 404 }));
    const onNews = vi.fn();
    const runs = new RunCache({ run }, onNews);
    runs.want(['r1']);
    await expect.poll(() => onNews.mock.calls.length).toBe(1);
    expect(runs.get('r1')).toBeUndefined();
    runs.want(['r1']);
    await expect.poll(() => runs.get('r1')).toBeNull();
  });
});
