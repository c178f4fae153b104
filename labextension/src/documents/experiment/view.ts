import type { RunLife } from '../../api/table';
import { type Field, type IOrder, splitField } from '../../models/fields';
import { fairWidth, type IColumn } from './columns';

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
  const columns = Array.isArray(raw.columns) ? raw.columns.flatMap(readColumn) : null;
  return {
    filter: typeof raw.filter === 'string' ? raw.filter : DEFAULT_VIEW.filter,
    life: LIVES.includes(raw.life) ? (raw.life as RunLife) : DEFAULT_VIEW.life,
    order: Array.isArray(raw.order) ? raw.order.flatMap(readOrder) : DEFAULT_VIEW.order,
    columns: columns && uniqueBy(columns, column => column.field),
    nameWidth: typeof raw.nameWidth === 'number' ? fairWidth(raw.nameWidth) : null,
    group: typeof raw.group === 'string' ? raw.group : null,
    hasCharts: raw.hasCharts === true
  };
}

/** What tells two questions apart: views that differ in their looks only ask the same. */
export function questionOf(view: ITableView): string {
  return JSON.stringify([view.filter, view.life, view.order, view.group]);
}

function readColumn(raw: unknown): IColumn[] {
  if (!isObject(raw) || !isField(raw.field)) {
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
  return isObject(raw) && isField(raw.field)
    ? [{ field: raw.field, descending: raw.descending === true }]
    : [];
}

function isField(value: unknown): value is Field {
  return typeof value === 'string' && KINDS.has(splitField(value).kind);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map(item => [keyOf(item), item])).values()];
}
