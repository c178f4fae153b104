import { Signal } from '@lumino/signaling';
import { expect, test, vi } from 'vitest';

import type { IPipelineTask } from '../../../api/pipelinetypes';
import type { ITracksideModel } from '../../../tokens';
import { PipelineCompareModel } from '../model';

test.each([
  ['RUNNING', true],
  ['SUCCEEDED', false]
])(
  'runs of a KFP server, which tells of nothing, are watched while they go on (%s)',
  async (state, isWatched) => {
    const tasks = vi.fn<() => Promise<IPipelineTask[]>>().mockResolvedValue([]);
    const tracks = {
      pipelineRunsApi: { tasks },
      pipelinesApi: {
        run: async (id: string) => ({ run_id: id, state }),
        specOf: async () => null
      }
    } as unknown as ITracksideModel;
    const moved = new Signal<object, void>({});
    Object.assign(tracks, { changed: new Signal(tracks), kfp: { moved } });
    const document = new PipelineCompareModel(tracks, ['kfp:one', 'kfp:other']);
    await expect.poll(() => document.runs?.length).toBe(2);
    expect(document.isWatched).toBe(isWatched);
    moved.emit();
    await expect.poll(() => tasks.mock.calls.length).toBe(4);
    document.dispose();
    moved.emit();
    expect(tasks.mock.calls.length).toBe(4);
  }
);
