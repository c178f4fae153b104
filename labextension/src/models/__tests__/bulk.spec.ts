import { describe, expect, it, vi } from 'vitest';

import type { IBulkResult, TableApi } from '../../api/table';
import { changeRuns, putTagsBack, tagsOf } from '../bulk';

const ids = (count: number): string[] => Array.from({ length: count }, (_, at) => `r${at}`);
const done = (runIds: readonly string[]): IBulkResult => ({
  done: runIds.length,
  run_ids: [...runIds],
  failed: []
});

describe('Changing many runs', () => {
  it('tells what was done before a part failed', async () => {
    const bulk = vi.fn<TableApi['bulk']>(async (_, runIds) => done(runIds));
    bulk.mockImplementationOnce(async (_, runIds) => done(runIds));
    bulk.mockRejectedValueOnce(new Error('away'));
    const result = await changeRuns({ bulk } as never, 'delete', ids(25_000));
    expect(bulk).toHaveBeenCalledTimes(2);
    expect(result.run_ids).toHaveLength(10_000);
    expect(result.error).toEqual(new Error('away'));
  });

  it('gives every run the tag back that it had, and takes it from those that had none', async () => {
    const had: Record<string, string> = { r0: 'vision', r2: 'vision', r3: '' };
    const api = {
      bulk: vi.fn<TableApi['bulk']>(async (_, runIds) => done(runIds)),
      window: vi.fn(async () => ({
        rows: ['r0', 'r1', 'r2', 'r3'].map(run_id => ({
          run_id,
          tags: run_id in had ? { team: had[run_id] } : {}
        }))
      }))
    };
    const before = await tagsOf(api as never, ['1'], ids(5), 'team');
    expect(api.window).toHaveBeenCalledWith(
      expect.objectContaining({ view: 'ALL', tags: ['team'], experiment_ids: ['1'] }),
      0,
      500
    );
    // Of the last one nothing is known: it stays as it is.
    await putTagsBack(api as never, ids(5), 'team', before!);
    expect(api.bulk.mock.calls).toEqual([
      ['tag', ['r0', 'r2'], { key: 'team', value: 'vision' }],
      ['untag', ['r1'], { key: 'team' }],
      ['tag', ['r3'], { key: 'team', value: '' }]
    ]);
  });

  it('looks up the tags of a bounded number of runs only', async () => {
    const window = vi.fn();
    expect(await tagsOf({ window } as never, ['1'], ids(5001), 'team')).toBeNull();
    expect(window).not.toHaveBeenCalled();
  });
});
