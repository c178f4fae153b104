import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { makeChanges } from '../../__tests__/builders';
import { type Answer, Events, type ISeen, serveWith } from '../../__tests__/server';
import type { IChanges } from '../../api/types';
import { VERSION } from '../../version';
import { TracksideModel } from '../model';
import { RunsModel } from '../runs';
import type { IRunsView } from '../view';

const trans = nullTranslator.load('trackside');
const disposables: { dispose(): void }[] = [];

interface ISearch {
  experiment_ids: string[];
  filter?: string;
  order_by: string[];
  page_token?: string;
}

const raw = (id: string, loss: number) => ({
  info: { run_id: id, run_name: id, experiment_id: '1', status: 'RUNNING' },
  data: { metrics: [{ key: 'loss', value: loss, timestamp: '1', step: '2' }] }
});

async function start(search: (body: ISearch) => Answer, view: Partial<IRunsView> = {}) {
  const events = new Events();
  let news: Partial<IChanges> = { revision: 10, reset: true };
  const { settings, seen } = serveWith(({ path, body }: ISeen) => {
    switch (path) {
      case 'api/v1/info':
        return { body: { version: VERSION, runners: [] } };
      case 'api/v1/changes':
        return { body: makeChanges(news) };
      case 'api/v1/kfp':
        return { body: { configured: false } };
      case 'api/2.0/mlflow/experiments/search':
        return { body: { experiments: [{ experiment_id: '1', name: 'digits' }] } };
      default:
        return search(body as ISearch);
    }
  });
  const model = new TracksideModel({ serverSettings: settings, events: events.manager, trans });
  const runs = new RunsModel(model, view);
  disposables.push(runs, model);
  await vi.waitFor(() => expect(runs.isLoading).toBe(false));
  const tell = (change: Partial<IChanges>): void => {
    news = change;
    events.ring({ revision: change.revision ?? 0, change: 'state' });
  };
  const searches = (): ISearch[] =>
    seen.filter(({ path }) => path.endsWith('runs/search')).map(({ body }) => body as ISearch);
  return { runs, tell, searches };
}

afterEach(() => {
  disposables.splice(0).forEach(item => item.dispose());
});

describe('the runs of the panel', () => {
  it('are those of all experiments, newest first, until asked otherwise', async () => {
    const { runs, searches } = await start(() => ({ body: { runs: [raw('a', 1)] } }));
    expect(runs.runs.map(run => run.info.run_id)).toEqual(['a']);
    expect(runs.runs[0].metrics.get('loss')).toEqual({
      key: 'loss',
      value: 1,
      timestamp: 1,
      step: 2
    });
    expect(searches()[0]).toMatchObject({
      experiment_ids: ['1'],
      order_by: ['attributes.start_time DESC']
    });
  });

  it('are asked for again by filter and order, and the answer to an older question is dropped', async () => {
    const { runs, searches } = await start(({ filter }) => ({
      body: { runs: filter ? [raw('found', 1)] : [raw('a', 1)] }
    }));
    runs.setView({ filter: 'metrics.loss < 2' });
    runs.setView({ order: { field: 'metrics.loss', descending: false } });
    expect(runs.isLoading).toBe(true);
    await vi.waitFor(() => expect(runs.isLoading).toBe(false));
    expect(runs.runs.map(run => run.info.run_id)).toEqual(['found']);
    expect(searches().at(-1)).toMatchObject({
      filter: 'metrics.loss < 2',
      order_by: ['metrics.`loss` ASC', 'attributes.start_time DESC']
    });
  });

  it('stay while the filter is wrong, which is said in the server’s words', async () => {
    const { runs } = await start(({ filter }) =>
      filter
        ? {
            status: 400,
            body: { error_code: 'INVALID_PARAMETER_VALUE', message: 'A value is missing after <.' }
          }
        : { body: { runs: [raw('a', 1)] } }
    );
    runs.setView({ filter: 'metrics.loss <' });
    await vi.waitFor(() => expect(runs.error).toBe('A value is missing after <.'));
    expect(runs.runs).toHaveLength(1);
    runs.setView({ filter: '' });
    await vi.waitFor(() => expect(runs.error).toBe(''));
  });

  it('are fetched page by page', async () => {
    const { runs } = await start(({ page_token }) => ({
      body: page_token
        ? { runs: [raw('a', 1), raw('b', 2)] }
        : { runs: [raw('a', 1)], next_page_token: 'next' }
    }));
    expect(runs.hasMore).toBe(true);
    await runs.loadMore();
    expect(runs.runs.map(run => run.info.run_id)).toEqual(['a', 'b']);
    expect(runs.hasMore).toBe(false);
  });

  it('keep all pages when a new run pushes the others down, and drop what was deleted', async () => {
    const all = Array.from({ length: 150 }, (_, index) => raw(`r${index}`, 1));
    const { runs, tell } = await start(({ page_token }) => ({
      body: page_token
        ? { runs: all.slice(100) }
        : { runs: all.slice(0, 100), next_page_token: 'next' }
    }));
    await runs.loadMore();
    expect(runs.runs).toHaveLength(150);
    all.unshift(raw('new', 1));
    all.splice(121, 1);
    const change = { experiment_id: '1', status: 'RUNNING' as const, revision: 11 };
    tell({
      revision: 11,
      runs: [
        { ...change, run_id: 'new', lifecycle_stage: 'active' },
        { ...change, run_id: 'r120', lifecycle_stage: 'deleted' }
      ]
    });
    await vi.waitFor(() =>
      expect(runs.runs.map(run => run.info.run_id)).toEqual(all.map(({ info }) => info.run_id))
    );
  });

  it('stop asking for a page that cannot be had, until there is another answer', async () => {
    const { runs, searches } = await start(({ page_token }) =>
      page_token ? { status: 500 } : { body: { runs: [raw('a', 1)], next_page_token: 'next' } }
    );
    await runs.loadMore();
    await runs.loadMore();
    expect(searches()).toHaveLength(2);
    expect(runs.error).toContain('500');
    await runs.refresh();
    expect(runs.error).toBe('');
  });

  it('follow the server when a run appears', async () => {
    const found = [raw('a', 1)];
    const { runs, tell } = await start(() => ({ body: { runs: found } }));
    found.unshift(raw('b', 0.5));
    tell({
      revision: 11,
      runs: [
        {
          run_id: 'b',
          experiment_id: '1',
          status: 'RUNNING',
          lifecycle_stage: 'active',
          revision: 11
        }
      ]
    });
    await vi.waitFor(() => expect(runs.runs.map(run => run.info.run_id)).toEqual(['b', 'a']));
  });

  it('fall back to all experiments when the remembered one is gone', async () => {
    const { runs } = await start(() => ({ body: {} }), { experimentId: 'gone' });
    expect(runs.view.experimentId).toBeNull();
    expect(runs.runs).toEqual([]);
  });
});
