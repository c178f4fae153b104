import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, describe, expect, it } from 'vitest';

import { makeChanges } from '../../__tests__/builders';
import { Events, serveWith } from '../../__tests__/server';
import type { IKfpStatus } from '../../api/kfp';
import { VERSION } from '../../version';
import { TracksideModel } from '../model';
import { PipelinePlaces } from '../pipelineplaces';
import { PipelineRunsModel } from '../pipelineruns';

const trans = nullTranslator.load('trackside');
const disposables: { dispose(): void }[] = [];

async function start(status: Partial<IKfpStatus>) {
  const said = { status };
  const { settings, seen } = serveWith(({ path }) => {
    switch (path) {
      case 'api/v1/info':
        return { body: { version: VERSION, runners: [] } };
      case 'api/v1/changes':
        return { body: makeChanges({ revision: 1, reset: true }) };
      case 'api/v1/kfp':
        return { body: said.status };
      case 'kfp/apis/v2beta1/runs':
        return said.status.state === 'OK'
          ? { body: { runs: [{ run_id: 'far' }] } }
          : { status: 503, body: { code: 14, message: 'It does not answer.' } };
      default:
        return { body: { runs: [{ run_id: 'near' }] } };
    }
  });
  const model = new TracksideModel({
    serverSettings: settings,
    events: new Events().manager,
    trans
  });
  const places = new PipelinePlaces(model, 'kfp');
  disposables.push(places, model);
  await model.ready;
  const idsOf = () => places.lists.runs.items.map(({ run_id }) => run_id);
  return { model, places, said, seen, idsOf };
}

afterEach(() => disposables.splice(0).forEach(one => one.dispose()));

describe('pipelines of a KFP server', () => {
  it('are listed where the panel was left at them', async () => {
    const { places, idsOf } = await start({ configured: true, state: 'OK', host: 'kfp.org' });
    await expect.poll(() => places.shown).toBe('kfp');
    await expect.poll(idsOf).toEqual(['kfp:far']);
    places.show('here');
    await expect.poll(idsOf).toEqual(['near']);
  });

  it('are not offered where the Jupyter server knows of none, nor asked for', async () => {
    const { places, seen, idsOf } = await start({ configured: false });
    await expect.poll(idsOf).toEqual(['near']);
    expect(places.shown).toBe('here');
    expect(seen.some(({ path }) => path.startsWith('kfp/'))).toBe(false);
  });

  it('leave what recurs to be asked for again whenever somebody turns to it: a file that is gone is no event', async () => {
    const { places, seen } = await start({ configured: false });
    const asked = () => seen.filter(({ path }) => path.startsWith('api/v1/recurring')).length;
    places.showTab('recurring');
    await expect.poll(() => places.lists.recurring.isLoading).toBe(false);
    const before = asked();
    places.showTab('runs');
    places.showTab('recurring');
    await expect.poll(asked).toBe(before + 1);
  });

  it('come back by themselves when their server does', async () => {
    const away = { configured: true, state: 'AWAY', host: 'kfp.org', message: 'Away.' } as const;
    const { model, places, said, idsOf } = await start(away);
    await expect.poll(() => places.lists.runs.error).toContain('does not answer');
    expect(model.kfp.isAway).toBe(true);
    said.status = { ...away, state: 'OK', message: '' };
    await model.kfp.refresh();
    await expect.poll(idsOf).toEqual(['kfp:far']);
    expect(places.lists.runs.error).toBe('');
  });

  it('are listed for one pipeline though their server cannot be asked for those', async () => {
    const of = (pipeline: string) => ({ pipeline_version_reference: { pipeline_id: pipeline } });
    const { settings, seen } = serveWith(({ path, query }) => {
      if (path === 'api/v1/changes') {
        return { body: makeChanges({ revision: 1, reset: true }) };
      }
      return query.get('page_token') === 'second'
        ? { body: { runs: [{ run_id: 'mine', ...of('p') }] } }
        : { body: { runs: [{ run_id: 'other', ...of('q') }], next_page_token: 'second' } };
    });
    const model = new TracksideModel({
      serverSettings: settings,
      events: new Events().manager,
      trans
    });
    const runs = new PipelineRunsModel(model, { pipeline: 'kfp:p' }, 'kfp');
    disposables.push(runs, model);
    await expect.poll(() => runs.items.map(({ run_id }) => run_id)).toEqual(['kfp:mine']);
    expect(runs.hasMore).toBe(false);
    const filters = seen.map(({ query }) => query.get('filter') ?? '');
    expect(filters.some(filter => filter.includes('pipeline_id'))).toBe(false);
  });

  it('are asked for anew after something was changed there', async () => {
    const { model, seen, idsOf } = await start({ configured: true, state: 'OK' });
    await expect.poll(idsOf).toEqual(['kfp:far']);
    const asked = () => seen.filter(({ path }) => path === 'kfp/apis/v2beta1/runs').length;
    const before = asked();
    model.kfp.tell();
    await expect.poll(asked).toBeGreaterThan(before);
  });
});
