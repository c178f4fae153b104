import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { type Answer, type ISeen, serveWith } from '../../../__tests__/server';
import type { ITracksideModel } from '../../../tokens';
import { ExperimentModel } from '../model';

const tables: ExperimentModel[] = [];

afterEach(() => tables.splice(0).forEach(table => table.dispose()));

/** A table whose groups and saved views are answered when the test says so. */
function open(answer: (request: ISeen) => Answer | Promise<Answer> | undefined): ExperimentModel {
  const { settings } = serveWith(async request => {
    const given = await answer(request);
    if (given) {
      return given;
    }
    switch (request.path) {
      case 'api/v1/runs/window':
        return { body: { total: 0, offset: 0, has_more: false, rows: [] } };
      case 'api/v1/runs/keys':
        return { body: { metrics: ['loss'], params: [], tags: [], truncated: false } };
      case 'api/v1/runs/groups':
        return { body: { total: 0, truncated: false, groups: [] } };
      default:
        return { body: { views: [] } };
    }
  });
  const tracks = {
    trackingApi: { settings, experiments: async () => [] },
    changed: new Signal<object, unknown>({}),
    info: null,
    trans: nullTranslator.load('trackside')
  } as unknown as ITracksideModel;
  const table = new ExperimentModel({ tracks, experimentIds: ['1'] });
  tables.push(table);
  return table;
}

const spread = (max: number): Answer => ({
  body: {
    total: 1,
    truncated: false,
    groups: [{ value: '1', count: 2, metrics: { loss: { min: 0, max, mean: max } } }]
  }
});

describe('A table of experiments', () => {
  it('colours by the range of what is shown now, whatever comes late', async () => {
    const late: ((answer: Answer) => void)[] = [];
    const table = open(({ path, body }) => {
      if (path !== 'api/v1/runs/groups') {
        return undefined;
      }
      return (body as { filter?: string }).filter
        ? spread(5)
        : new Promise(resolve => void late.push(resolve));
    });
    await vi.waitFor(() => expect(table.rows.asked).not.toBeNull());
    table.setView({ columns: [{ field: 'metrics.loss', tint: 'low' }] });
    await vi.waitFor(() => expect(late).toHaveLength(1));
    table.setView({ filter: 'metrics.loss < 6' });
    await vi.waitFor(() => expect(table.rangeOf('metrics.loss')).toEqual([0, 5]));
    late[0](spread(900));
    await Promise.resolve();
    expect(table.rangeOf('metrics.loss')).toEqual([0, 5]);
  });

  it('asks again for a range that could not be had', async () => {
    let isAway = true;
    const table = open(({ path }) =>
      path !== 'api/v1/runs/groups' ? undefined : isAway ? new Error('away') : spread(7)
    );
    const columns = [{ field: 'metrics.loss', tint: 'low' as const }];
    await vi.waitFor(() => expect(table.rows.asked).not.toBeNull());
    table.setView({ columns });
    await new Promise(resolve => setTimeout(resolve));
    isAway = false;
    await vi.waitFor(() => {
      table.setView({});
      expect(table.rangeOf('metrics.loss')).toEqual([0, 7]);
    });
  });

  it('leaves alone what was chosen before its saved views came', async () => {
    let send: (answer: Answer) => void = () => undefined;
    const table = open(({ path }) =>
      path.startsWith('api/v1/table-views')
        ? new Promise(resolve => {
            send = resolve;
          })
        : undefined
    );
    await vi.waitFor(() => expect(table.rows.asked).not.toBeNull());
    table.setView({ filter: 'mine' });
    send({
      body: {
        views: [
          {
            id: 'v',
            name: 'first',
            experiment_ids: ['1'],
            definition: { filter: 'theirs', isDefault: true },
            updated_at: 1
          }
        ]
      }
    });
    await vi.waitFor(() => expect(table.views.default).toBeDefined());
    expect(table.view.filter).toBe('mine');
  });
});
