import type { RunLife } from '../../api/table';
import { type Field, type IOrder, splitField } from '../../models/fields';
import { fairWidth, type IColumn, isGroupable } from './columns';
import { isSortable } from './order';
import { ATTRIBUTE_COLUMNS } from './words';

/** What a table shows, and how. All of it is remembered, and a saved view holds it. */
export interface ITableView {
  /** As typed. */
  filter: string;
  life: RunLife;
  /** Nothing means the newest first. */
  order: readonly IOrder[];
  /** The chosen columns; nothing lets the table choose. */
  columns: readonly IColumn[] | null;
  nameWidth: number | null;
  /** `params.lr`, `tags.team`, `attributes.status`, `experiment`, or `parent` for nested runs. */
  group: string | null;
  hasCharts: boolean;
}

/** What is shown when nobody chose anything. */
export const DEFAULT_VIEW: ITableView = {
  filter: '',
  life: 'ACTIVE_ONLY',
  order: [],
  columns: null,
  nameWidth: null,
  group: null,
  hasCharts: false
};

const LIVES: readonly unknown[] = ['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'];
const KINDS = new Set(['metrics', 'params', 'tags', 'attributes', 'curves']);

/** A view from where it was kept: what cannot be understood is left out. */
export function readView(saved: unknown): ITableView {
  const raw = isObject(saved) ? saved : {};
  return {
    filter: typeof raw.filter === 'string' ? raw.filter : DEFAULT_VIEW.filter,
    life: LIVES.includes(raw.life) ? (raw.life as RunLife) : DEFAULT_VIEW.life,
    order: Array.isArray(raw.order) ? raw.order.flatMap(readOrder) : DEFAULT_VIEW.order,
    columns: Array.isArray(raw.columns) ? readColumns(raw.columns) : DEFAULT_VIEW.columns,
    nameWidth: typeof raw.nameWidth === 'number' ? fairWidth(raw.nameWidth) : null,
    group: isGroup(raw.group) ? raw.group : null,
    hasCharts: raw.hasCharts === true
  };
}

/** The parts of a view that could not be understood where it was kept, or not as a whole. */
export function lostOf(saved: unknown): (keyof ITableView)[] {
  const raw = isObject(saved) ? saved : {};
  const view = readView(raw);
  const isWhole = (part: keyof ITableView): boolean => {
    const was = raw[part] ?? null;
    switch (part) {
      case 'columns':
      case 'order':
        return Array.isArray(was) && was.length === view[part]?.length;
      case 'nameWidth':
        // A width is made fair.
        return view.nameWidth !== null;
      default:
        return was === view[part];
    }
  };
  const parts = Object.keys(view) as (keyof ITableView)[];
  return parts.filter(part => (raw[part] ?? null) !== null && !isWhole(part));
}

/** What tells two questions apart: views that differ in their looks only ask the same. */
export function questionOf(view: ITableView): string {
  return JSON.stringify([view.filter, view.life, view.order, view.group]);
}

function readColumns(raw: readonly unknown[]): IColumn[] | null {
  const columns = uniqueBy(raw.flatMap(readColumn), column => column.field);
  // Columns of which none is understood are not the wish to see none.
  return raw.length && !columns.length ? null : columns;
}

function readColumn(raw: unknown): IColumn[] {
  if (!isObject(raw) || !isColumn(raw.field)) {
    return [];
  }
  return [
    {
      field: raw.field,
      ...(typeof raw.width === 'number' && { width: fairWidth(raw.width) }),
      ...(raw.isPinned === true && { isPinned: true }),
      ...((raw.tint === 'low' || raw.tint === 'high') && { tint: raw.tint })
    }
  ];
}

function readOrder(raw: unknown): IOrder[] {
  return isObject(raw) && isField(raw.field) && isSortable(raw.field)
    ? [{ field: raw.field, descending: raw.descending === true }]
    : [];
}

function isField(value: unknown): value is Field {
  if (typeof value !== 'string') {
    return false;
  }
  const { kind, key } = splitField(value);
  return KINDS.has(kind) && key !== '';
}

function isColumn(value: unknown): value is Field {
  const isAttribute = typeof value === 'string' && splitField(value).kind === 'attributes';
  return isAttribute ? ATTRIBUTE_COLUMNS.includes(value) : isField(value);
}

function isGroup(value: unknown): value is string {
  return value === 'parent' || value === 'experiment' || (isField(value) && isGroupable(value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map(item => [keyOf(item), item])).values()];
}
