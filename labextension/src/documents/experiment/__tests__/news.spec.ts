import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { ITableQuestion, ITableRow, TableApi } from '../../../api/table';
import type { IModelChange, ITracksideModel } from '../../../tokens';
import { News } from '../news';
import { Rows } from '../rows';

const NOTHING: IModelChange = {
  jobs: [],
  runs: [],
  experiments: [],
  models: [],
  deleted: [],
  reset: false
} as never;

function row(id: string): ITableRow {
  return {
    run_id: id,
    run_name: id,
    experiment_id: '1',
    status: 'RUNNING',
    start_time: 1,
    end_time: null,
    user_id: 'ada',
    lifecycle_stage: 'active',
    parent_run_id: null,
    children: 0,
    metrics: {},
    params: {},
    tags: {}
  };
}

/** A table of many runs, and what its server was asked. */
async function start(count: number, total: number | null = count) {
  const all = Array.from({ length: count }, (_, at) => row(`r${at}`));
  const named: string[][] = [];
  const faults: Error[] = [];
  const api = {
    window: async (question: ITableQuestion, offset: number, limit: number) => {
      const ids = question.filter?.match(/'r\d+'/g)?.map(id => id.slice(1, -1));
      if (ids) {
        const fault = faults.shift();
        if (fault) {
          throw fault;
        }
        named.push(ids);
      }
      const found = ids ? all.filter(({ run_id }) => ids.includes(run_id)) : all;
      return {
        total: ids ? found.length : total,
        offset,
        has_more: offset + limit < found.length,
        rows: found.slice(offset, offset + limit)
      };
    }
  } as unknown as TableApi;
  const rows = new Rows(api, () => []);
  const tracks = { changed: new Signal<object, IModelChange>({}) };
  const news = new News(tracks as unknown as ITracksideModel, api, rows, {
    experimentIds: ['1'],
    order: () => [],
    fields: () => []
  });
  const question = { experiment_ids: ['1'], view: 'ACTIVE_ONLY' } as const;
  return {
    rows,
    news,
    named,
    faults,
    ask: (top = 0) =>
      rows.ask({ question: { ...question, experiment_ids: ['1'] }, group: null }, top),
    touch: (ids: readonly string[]) =>
      tracks.changed.emit({
        ...NOTHING,
        runs: ids.map(id => ({
          run_id: id,
          experiment_id: '1',
          status: 'RUNNING',
          lifecycle_stage: 'active'
        }))
      } as IModelChange)
  };
}

describe('The news of a table', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('brings every run that changed, however many there are', async () => {
    const { rows, named, touch, ask } = await start(250);
    ask();
    await vi.advanceTimersByTimeAsync(10);
    rows.look(0, 249);
    await vi.advanceTimersByTimeAsync(100);
    expect([...rows.rows()]).toHaveLength(250);
    touch(Array.from({ length: 250 }, (_, at) => `r${at}`));
    await vi.advanceTimersByTimeAsync(5000);
    expect(named.map(ids => ids.length)).toEqual([100, 100, 50]);
    expect(new Set(named.flat()).size).toBe(250);
  });

  it('asks again, with the next news, for what could not be had', async () => {
    const { named, faults, touch, ask } = await start(3);
    ask();
    await vi.advanceTimersByTimeAsync(10);
    faults.push(new Error('away'));
    touch(['r0', 'r1']);
    await vi.advanceTimersByTimeAsync(2000);
    expect(named).toEqual([]);
    touch(['r2']);
    await vi.advanceTimersByTimeAsync(2000);
    expect(named.map(ids => ids.sort())).toEqual([['r0', 'r1', 'r2']]);
  });
});

describe('The rows of a table', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are there although there were more when the table was left', async () => {
    const { rows, ask } = await start(3, null);
    ask(400);
    await vi.advanceTimersByTimeAsync(10);
    expect([...rows.rows()].map(({ run_id }) => run_id)).toEqual(['r0', 'r1', 'r2']);
    expect(rows.root.list.count).toBe(3);
  });

  it('are found near the line in which they were', async () => {
    const { rows, ask } = await start(20);
    ask();
    await vi.advanceTimersByTimeAsync(10);
    expect(rows.lineOf('r5', 9)).toBe(5);
    expect(rows.lineOf('other', 9)).toBeNull();
  });

  it('let go of a value that was asked for and is no longer there', async () => {
    const { rows, ask } = await start(2);
    ask();
    await vi.advanceTimersByTimeAsync(10);
    const tagged = { ...row('r1'), tags: { team: 'vision', note: 'kept' } };
    rows.update([tagged], ['tags.team', 'tags.note']);
    rows.update([row('r1')], ['tags.team']);
    expect({ ...rows.row('r1')?.tags }).toEqual({ note: 'kept' });
  });
});
