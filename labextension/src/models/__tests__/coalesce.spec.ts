import { describe, expect, it, vi } from 'vitest';

import { deferred } from '../../__tests__/builders';
import { Coalescer } from '../coalesce';

describe('coalescing', () => {
  it('runs one task at a time, and once more for all that came meanwhile', async () => {
    const runs = [deferred<void>(), deferred<void>()];
    const task = vi.fn(() => runs[task.mock.calls.length - 1].promise);
    const coalescer = new Coalescer(task);
    const first = coalescer.run();
    const later = [coalescer.run(), coalescer.run(), coalescer.run()];
    expect(task).toHaveBeenCalledTimes(1);
    runs[0].resolve();
    await first;
    await vi.waitFor(() => expect(task).toHaveBeenCalledTimes(2));
    runs[1].resolve();
    await Promise.all(later);
    expect(task).toHaveBeenCalledTimes(2);
  });

  it('goes on after a failure, which only reaches those who waited for that run', async () => {
    let fail = true;
    const coalescer = new Coalescer(async () => {
      if (fail) {
        fail = false;
        throw new Error('no');
      }
    });
    const first = coalescer.run();
    const second = coalescer.run();
    await expect(first).rejects.toThrow('no');
    await expect(second).resolves.toBeUndefined();
  });
});
