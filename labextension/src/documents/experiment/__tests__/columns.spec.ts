import { describe, expect, it } from 'vitest';

import {
  autoColumns,
  fairWidth,
  fromLeft,
  inView,
  moved,
  place,
  shifted,
  toggled
} from '../columns';
import { clausesOf, isNewestFirst, withClick } from '../order';
import { areNumbers, rangeOf, strength } from '../tint';
import { DEFAULT_VIEW, lostOf, readView } from '../view';

const COLUMNS = ['a', 'b', 'c', 'd'].map(key => ({ field: `params.${key}` }));
const fields = (columns: readonly { field: string }[]): string =>
  columns.map(({ field }) => field.slice('params.'.length)).join('');

describe('Columns', () => {
  it('are put beside another one, a step at a time, and taken out and in', () => {
    expect(fields(moved(COLUMNS, 'params.d', 'before', 'params.b'))).toBe('adbc');
    expect(fields(moved(COLUMNS, 'params.a', 'after', 'params.b'))).toBe('bacd');
    expect(fields(moved(COLUMNS, 'params.a', 'after', 'params.d'))).toBe('bcda');
    expect(moved(COLUMNS, 'params.a', 'before', 'params.a')).toBe(COLUMNS);
    expect(moved(COLUMNS, 'params.z', 'before', 'params.a')).toBe(COLUMNS);
    expect(fields(shifted(COLUMNS, 'params.b', 1))).toBe('acbd');
    expect(fields(shifted(COLUMNS, 'params.a', -1))).toBe('abcd');
    expect(fields(toggled(COLUMNS, 'params.b'))).toBe('acd');
    expect(fields(toggled(COLUMNS, 'params.e'))).toBe('abcde');
  });

  it('are pinned when they are put among pinned ones', () => {
    const columns = COLUMNS.map((column, at) => ({ ...column, isPinned: at < 2 }));
    const after = moved(columns, 'params.d', 'before', 'params.b');
    expect(after.map(({ isPinned }) => isPinned)).toEqual([true, true, true, false]);
    expect(fields(fromLeft(moved(columns, 'params.b', 'after', 'params.d')))).toBe('acdb');
  });

  it('stand beside each other, the pinned ones first, and of many only those in view', () => {
    const many = Array.from({ length: 1000 }, (_, at) => ({ field: `metrics.m${at}`, width: 100 }));
    const { pinned, free, width } = place(
      [{ field: 'params.p', width: 50, isPinned: true }, ...many],
      { field: 'attributes.run_name', width: 200 },
      32
    );
    expect(pinned.map(({ left }) => left)).toEqual([32, 232]);
    expect(free[0].left).toBe(282);
    expect(width).toBe(282 + 100_000);
    expect(inView(free, 50_000, 600, 0)).toEqual([499, 506]);
  });

  it('that nobody chose are the metrics that people look at first, and some params', () => {
    const keys = { metrics: ['zeta', 'val_loss'], params: ['lr'], tags: [], truncated: false };
    expect(autoColumns(keys).map(({ field }) => field)).toEqual([
      'attributes.start_time',
      'attributes.duration',
      'metrics.val_loss',
      'metrics.zeta',
      'params.lr'
    ]);
  });

  it('are wide enough to be read', () => {
    expect(fairWidth(3)).toBe(48);
    expect(fairWidth(120.4)).toBe(120);
  });
});

describe('The order', () => {
  it('turns with each click, and with Shift several columns take part', () => {
    let order = withClick([], 'metrics.loss', false);
    expect(clausesOf(order)).toEqual(['metrics.`loss` ASC', 'attributes.start_time DESC']);
    order = withClick(order, 'params.lr', true);
    order = withClick(order, 'metrics.loss', true);
    expect(clausesOf(order)).toEqual([
      'metrics.`loss` DESC',
      'params.`lr` ASC',
      'attributes.start_time DESC'
    ]);
    order = withClick(order, 'metrics.loss', true);
    expect(clausesOf(order)).toEqual(['params.`lr` ASC', 'attributes.start_time DESC']);
    expect(withClick(order, 'params.lr', false)).toEqual([
      { field: 'params.lr', descending: true }
    ]);
  });

  it('without a choice is the newest first, which the first click turns round', () => {
    expect(withClick([], 'attributes.start_time', false)).toEqual([
      { field: 'attributes.start_time', descending: false }
    ]);
  });

  it('tells whether new runs come at the top', () => {
    expect(isNewestFirst([])).toBe(true);
    expect(isNewestFirst([{ field: 'attributes.start_time', descending: false }])).toBe(false);
  });
});

describe('A view that was kept', () => {
  it('is read as far as it is understood', () => {
    const view = readView({
      filter: 'metrics.loss < 1',
      life: 'NEVER',
      order: [{ field: 'metrics.loss', descending: true }, { field: 7 }],
      columns: [{ field: 'metrics.loss', width: 1, tint: 'low' }, { field: 'nothing' }, 'x'],
      group: 'params.lr'
    });
    expect(view.filter).toBe('metrics.loss < 1');
    expect(view.life).toBe('ACTIVE_ONLY');
    expect(view.order).toEqual([{ field: 'metrics.loss', descending: true }]);
    expect(view.columns).toEqual([{ field: 'metrics.loss', width: 48, tint: 'low' }]);
    expect(view.group).toBe('params.lr');
    expect(readView(null).columns).toBeNull();
  });

  it('has the name of a run once, and asks for nothing that no run can have', () => {
    const view = readView({
      columns: [
        { field: 'attributes.run_name' },
        { field: 'attributes.weather' },
        { field: 'tags.' }
      ],
      order: [{ field: 'metrics.' }, { field: 'curves.loss' }, { field: 'attributes.weather' }],
      group: 'metrics.loss'
    });
    expect(view).toEqual(DEFAULT_VIEW);
    expect(readView({ columns: [] }).columns).toEqual([]);
  });

  it('tells what could not be understood', () => {
    const columns = [{ field: 'metrics.loss', width: 1 }];
    expect(lostOf({ ...DEFAULT_VIEW, columns, nameWidth: 7, group: 'parent' })).toEqual([]);
    expect(lostOf({ filter: 'a', isDefault: true })).toEqual([]);
    expect(lostOf({ columns: [...columns, 'x'], order: 'loss', group: 'weather' })).toEqual([
      'order',
      'columns',
      'group'
    ]);
    expect(lostOf({ filter: 1, life: 'NEVER', nameWidth: 'x', hasCharts: 'maybe' })).toEqual([
      'filter',
      'life',
      'nameWidth',
      'hasCharts'
    ]);
  });
});

describe('The colour of a metric', () => {
  it('is strongest at the end that was chosen, and leaves out what is no number', () => {
    const range = rangeOf([1, 3, 'NaN', 'Infinity', undefined])!;
    expect(range).toEqual([1, 3]);
    expect(strength(1, range, 'low')).toBeGreaterThan(strength(2, range, 'low'));
    expect(strength(3, range, 'low')).toBe(0);
    expect(strength(3, range, 'high')).toBe(strength(1, range, 'low'));
    expect(strength('NaN', range, 'high')).toBe(0);
    expect(rangeOf(['NaN'])).toBeNull();
  });
});

describe('The values of a param', () => {
  it('stand as numbers when all of them are numbers', () => {
    expect(areNumbers(['0.1', undefined, ' 1e-3', 'NaN', '-inf', ''])).toBe(true);
    expect(areNumbers(['0.1', 'adam'])).toBe(false);
    expect(areNumbers([undefined, ''])).toBe(false);
  });
});
