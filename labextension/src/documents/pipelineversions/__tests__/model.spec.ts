import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { expect, test, vi } from 'vitest';

import type { IListed, IListQuery, IPipelineVersion } from '../../../api/pipelinerecords';
import type { IModelChange, ITracksideModel } from '../../../tokens';
import { PipelineDocumentModel } from '../model';

/** How many versions the server gives unless told. */
const PAGE = 20;

/** A pipeline of so many versions, a way to tell of changes, and what was asked. */
function open(versions: () => number | Promise<number>) {
  const list = vi.fn(async (_: string, query: IListQuery): Promise<IListed<IPipelineVersion>> => {
    const count = await versions();
    const from = Number(query.page_token ?? 0);
    const to = Math.min(count, from + (query.page_size ?? PAGE));
    const items = Array.from({ length: to - from }, (__, at) => ({
      version_id: `v${count - from - at}`
    }));
    return {
      items: items as IPipelineVersion[],
      total: count,
      nextPageToken: to < count ? String(to) : null
    };
  });
  const tracks = {
    pipelinesApi: { pipeline: async () => ({ name: 'digits' }), versions: list }
  } as unknown as ITracksideModel;
  const changed = new Signal<ITracksideModel, IModelChange>(tracks);
  Object.assign(tracks, { changed });
  const tell = (): void =>
    changed.emit({ pipelines: [{ pipeline_id: 'p' }], deleted: [] } as unknown as IModelChange);
  return { document: new PipelineDocumentModel(tracks, { pipeline: 'p' }), tell, list };
}

test('a version far down stays in view when a new one is uploaded', async () => {
  let count = 30;
  const { document, tell } = open(() => count);
  await expect.poll(() => document.versions?.length).toBe(PAGE);
  await document.more();
  document.choose('v3');
  count = 31;
  tell();
  await expect.poll(() => document.versions?.[0].version_id).toBe('v31');
  expect(document.chosen?.version_id).toBe('v3');
  document.dispose();
});

test('the newest versions stay, however late an answer about earlier ones comes', async () => {
  const late = new PromiseDelegate<number>();
  let answer: number | Promise<number> = late.promise;
  const { document, tell, list } = open(() => answer);
  answer = 2;
  tell();
  late.resolve(1);
  await expect.poll(() => list.mock.calls.length).toBe(2);
  await Promise.all(list.mock.results.map(({ value }) => value as Promise<unknown>));
  await expect.poll(() => document.versions?.length).toBe(2);
  document.dispose();
});
