import { describe, expect, it } from 'vitest';

import type { ITableRow } from '../../../api/table';
import { PAGE, PagedList } from '../pages';
import { Branch, type Entry, entryKey } from '../tree';

function row(id: string, children = 0): Entry {
  const run: ITableRow = {
    run_id: id,
    run_name: id,
    experiment_id: '1',
    status: 'FINISHED',
    start_time: 1,
    end_time: 2,
    user_id: 'ada',
    lifecycle_stage: 'active',
    parent_run_id: null,
    children,
    metrics: {},
    params: {},
    tags: {}
  };
  return { kind: 'run', row: run };
}

function page(from: number, count = PAGE): Entry[] {
  return Array.from({ length: count }, (_, at) => row(`r${from + at}`));
}

describe('A list of which some pages are here', () => {
  it('has a place for each row, and asks for the pages that are looked at only', () => {
    const list = new PagedList<Entry>(entryKey);
    list.put(700, { items: page(70_000), total: 100_000, hasMore: true, fields: ['metrics.a'] });
    expect(list.count).toBe(100_000);
    expect(list.at(70_001)).toEqual(row('r70001'));
    expect(list.at(5)).toBeUndefined();
    expect(list.missing(700, ['metrics.a'])).toBeNull();
    expect(list.missing(0, ['metrics.a'])).toEqual(['metrics.a']);
  });

  it('asks for the values of a new column only, and keeps those that are here', () => {
    const list = new PagedList<Entry>(entryKey);
    list.put(0, { items: page(0), total: 100, hasMore: false, fields: ['metrics.a'] });
    expect(list.missing(0, ['metrics.a', 'metrics.b'])).toEqual(['metrics.b']);
    const joined: string[] = [];
    list.put(
      0,
      { items: page(0), total: 100, hasMore: false, fields: ['metrics.b'] },
      (before, now) => {
        joined.push(entryKey(before));
        return now;
      }
    );
    expect(joined).toHaveLength(100);
    expect(list.missing(0, ['metrics.a', 'metrics.b'])).toBeNull();
    list.expire();
    expect(list.missing(0, ['metrics.a'])).toEqual(['metrics.a']);
  });

  it('asks for the whole of what was not here when only a new column was asked for', () => {
    const list = new PagedList<Entry>(entryKey);
    list.put(0, { items: page(0, 2), total: 2, hasMore: false, fields: ['metrics.a'] });
    list.put(0, { items: page(1, 2), total: 2, hasMore: false, fields: ['metrics.b'] });
    expect(list.missing(0, ['metrics.a', 'metrics.b'])).toEqual(['metrics.a']);
  });

  it('grows by a page at a time where nobody knows how long it is', () => {
    const list = new PagedList<Entry>(entryKey);
    list.put(0, { items: page(0), total: null, hasMore: true, fields: [] });
    expect(list.count).toBe(2 * PAGE);
    list.put(1, { items: page(100, 30), total: null, hasMore: false, fields: [] });
    expect(list.count).toBe(130);
  });

  it('lets go of pages that are far away', () => {
    const list = new PagedList<Entry>(entryKey);
    list.put(0, { items: page(0), total: 5000, hasMore: true, fields: [] });
    list.put(40, { items: page(4000), total: 5000, hasMore: true, fields: [] });
    list.dropFar(40, 40);
    expect(list.at(0)).toBeUndefined();
    expect(list.at(4000)).toBeDefined();
  });
});

describe('A tree of lists', () => {
  it('finds each line, through what is unfolded and after rows came above', () => {
    const root = new Branch(null, 1);
    const put = (items: Entry[]): void =>
      root.list.put(0, { items, total: items.length, hasMore: false, fields: [] });
    put([row('a', 2), row('b'), row('c', 1)]);
    root.toggle(0)!.list.put(0, {
      items: [row('a1'), row('a2')],
      total: 2,
      hasMore: false,
      fields: []
    });
    root.toggle(2)!.list.put(0, { items: [row('c1')], total: 1, hasMore: false, fields: [] });
    const names = (): string[] =>
      Array.from({ length: root.length }, (_, line) => {
        const place = root.locate(line)!;
        return entryKey(place.branch.list.at(place.index)!);
      });
    expect(names()).toEqual(['a', 'a1', 'a2', 'b', 'c', 'c1']);
    expect(root.locate(6)).toBeNull();

    root.list.expire();
    put([row('new'), row('a', 2), row('b'), row('c', 1)]);
    root.settle();
    expect(names()).toEqual(['new', 'a', 'a1', 'a2', 'b', 'c', 'c1']);
    root.toggle(1);
    expect(names()).toEqual(['new', 'a', 'b', 'c', 'c1']);
  });
});
