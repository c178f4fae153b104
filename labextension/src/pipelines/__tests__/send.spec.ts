import { expect, test } from 'vitest';

import { serveWith } from '../../__tests__/server';
import { KfpApi } from '../../api/kfp';
import { PipelinesApi } from '../../api/pipelines';
import { english } from '../../shared/trans';
import type { ITracksideModel } from '../../tokens';
import { SendModel } from '../send/model';
import { DIGITS } from './builders';

function open(known: boolean) {
  const { settings, seen } = serveWith(({ method }) =>
    method === 'POST'
      ? { body: { pipeline_id: 'p', pipeline_version_id: 'v', run_id: 'r', url: 'https://kfp/' } }
      : { body: { pipelines: known ? [{ pipeline_id: 'p' }] : [] } }
  );
  const tracks = {
    trans: english,
    kfpApi: new KfpApi(settings),
    pipelinesApi: new PipelinesApi(settings)
  } as unknown as ITracksideModel;
  const model = new SendModel({
    tracks,
    source: { run_id: 'r1' },
    title: 'digits',
    spec: { pipeline: DIGITS }
  });
  return { model, seen, sent: () => seen.filter(({ method }) => method === 'POST') };
}

test('what is sent without being run asks for no arguments', async () => {
  const { model, sent } = open(true);
  await expect.poll(() => model.isKnown).toBe(true);
  expect(await model.submit()).toMatchObject({ pipeline_id: 'kfp:p', run_id: 'kfp:r' });
  expect(sent().map(({ path, body }) => [path, body])).toEqual([
    ['api/v1/kfp/send', { run_id: 'r1', name: 'digits' }]
  ]);
  model.dispose();
});

test('what is run there takes its arguments as the pipeline types them', async () => {
  const { model, sent } = open(false);
  model.set({ isRun: true, version: ' second ' });
  model.run.type('rows', 'many');
  expect(await model.submit()).toBeNull();
  expect(sent()).toEqual([]);
  model.run.type('rows', '12');
  await model.submit();
  expect(sent()[0].body).toMatchObject({
    version_name: 'second',
    run: true,
    arguments: { rows: 12 }
  });
  model.dispose();
});

test('what is sent without a name keeps its own, and that one is looked for there', async () => {
  const { model, seen, sent } = open(true);
  model.setName(' ');
  await expect.poll(() => model.isKnown).toBe(true);
  const asked = seen.map(({ query }) => query.get('filter') ?? '').filter(Boolean);
  expect(asked[asked.length - 1]).toContain('"digits"');
  await model.submit();
  expect(sent()[0].body).toMatchObject({ name: 'digits' });
  expect(model.name).toBe(' ');
  model.dispose();
});
