import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { expect, test, vi } from 'vitest';

import { toRun } from '../../../api/pipelinereading';
import type { IRecurringRun } from '../../../api/pipelinerecords';
import type { ITracksideModel } from '../../../tokens';
import { RunsDocumentModel } from '../model';

test('the list says of what its runs are, however late the name of another one comes', async () => {
  const names = { slow: new PromiseDelegate<IRecurringRun>(), quick: { name: 'nightly' } };
  const nothing = async (): Promise<unknown> => ({ items: [], total: 0, nextPageToken: null });
  const tracks = {
    ready: Promise.resolve(),
    trackingApi: { experiments: async () => [] },
    pipelinesApi: { runs: nothing, pipelines: nothing },
    recurringApi: {
      get: async (id: 'slow' | 'quick') => (id === 'slow' ? names.slow.promise : names.quick)
    }
  } as unknown as ITracksideModel;
  Object.assign(tracks, { changed: new Signal(tracks) });
  const document = new RunsDocumentModel(tracks, { recurring_run: 'slow' });
  document.show({ recurring_run: 'quick' });
  await expect.poll(() => document.recurring).toBe('nightly');
  names.slow.resolve({ name: 'weekly' } as IRecurringRun);
  // All that follows from the answer has happened then.
  await new Promise(resolve => setTimeout(resolve));
  expect(document.recurring).toBe('nightly');
  document.dispose();
});

test('an old run of a pipeline of a KFP server, once it was looked for, stays when the list is read anew', async () => {
  const nothing = async (): Promise<unknown> => ({ items: [], total: 0, nextPageToken: null });
  const runOf = (pipeline: string) =>
    toRun({ run_id: pipeline, pipeline_version_reference: { pipeline_id: pipeline } }, 'kfp');
  const [ours, other] = [runOf('p'), runOf('q')];
  /** It comes after more than are looked through at once. */
  const LAST = 6;
  const runs = vi.fn(async ({ page_token: token }: { page_token?: string | null }) => {
    const page = Number(token ?? 0);
    return {
      items: [page === LAST ? ours : other],
      total: null,
      nextPageToken: page === LAST ? null : String(page + 1)
    };
  });
  const tracks = {
    ready: Promise.resolve(),
    pipelinesApi: { runs, pipelines: nothing, experiments: async () => [] }
  } as unknown as ITracksideModel;
  Object.assign(tracks, { changed: new Signal(tracks), kfp: { moved: new Signal({}) } });
  const document = new RunsDocumentModel(tracks, { place: 'kfp', pipeline: 'kfp:p' });
  await expect.poll(() => document.runs.isLoading).toBe(false);
  expect([document.runs.items.length, document.runs.hasMore]).toEqual([0, true]);
  await document.runs.loadMore();
  expect(document.runs.items).toEqual([ours]);
  await document.runs.refresh();
  expect(document.runs.items).toEqual([ours]);
  document.dispose();
});
