import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { expect, test } from 'vitest';

import type { IRecurringRun } from '../../../api/pipelinerecords';
import type { ITracksideModel } from '../../../tokens';
import { RunsDocumentModel } from '../model';

test('the list says of what its runs are, however late the name of another one comes', async () => {
  const names = { slow: new PromiseDelegate<IRecurringRun>(), quick: { name: 'nightly' } };
  const nothing = async (): Promise<unknown> => ({ items: [], total: 0, nextPageToken: null });
  const tracks = {
    ready: Promise.resolve(),
    trackingApi: { experiments: async () => [] },
    pipelinesApi: {
      runs: nothing,
      pipelines: nothing,
      recurringRun: async (id: 'slow' | 'quick') =>
        id === 'slow' ? names.slow.promise : names.quick
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
