import { byInterest, type Field, splitField } from '../../models/fields';
import type { IRunKeys } from '../../api/table';

/** Which values of a metric are good ones. */
export type Tint = 'low' | 'high';

/** A column as somebody chose it. */
export interface IColumn {
  field: Field;
  width?: number;
  isPinned?: boolean;
  /** Coloured by its values: which end is the strong one. */
  tint?: Tint;
}

/** A column with its place. */
export interface IPlaced extends IColumn {
  width: number;
  /** From the left end of the table. */
  left: number;
}

/** The name: it is always there, and first. */
export const NAME = 'attributes.run_name';

const LEAST_WIDTH = 48;
const MOST_WIDTH = 900;

/** How many metrics and params are shown when nobody chose. */
const AUTO = 4;

const WIDTHS: Record<string, number> = {
  metrics: 108,
  params: 116,
  tags: 120,
  curves: 92,
  attributes: 104
};

/** Whether runs can be grouped by the values of a column. */
export function isGroupable(field: Field): boolean {
  const { kind, key } = splitField(field);
  return kind === 'attributes'
    ? key === 'status' || key === 'user_id'
    : kind === 'params' || kind === 'tags';
}

/** How wide a column is until somebody resizes it. */
export function defaultWidth(field: Field): number {
  return field === NAME ? 220 : (WIDTHS[splitField(field).kind] ?? WIDTHS.attributes);
}

/** The columns that say most when nobody chose any. */
export function autoColumns(keys: IRunKeys | null): IColumn[] {
  const metrics = byInterest(keys?.metrics ?? []).slice(0, AUTO);
  const params = (keys?.params ?? []).slice(0, AUTO);
  return [
    { field: 'attributes.start_time' },
    { field: 'attributes.duration' },
    ...metrics.map(key => ({ field: `metrics.${key}` })),
    ...params.map(key => ({ field: `params.${key}` }))
  ];
}

/** The columns from left to right: the pinned ones come first. */
export function fromLeft(columns: readonly IColumn[]): IColumn[] {
  return [
    ...columns.filter(column => column.isPinned),
    ...columns.filter(column => !column.isPinned)
  ];
}

/** The columns from left to right with their places, the name first. */
export function place(
  columns: readonly IColumn[],
  name: IColumn,
  start: number
): { pinned: IPlaced[]; free: IPlaced[]; width: number } {
  let left = start;
  const put = (column: IColumn): IPlaced => {
    const width = column.width ?? defaultWidth(column.field);
    const placed = { ...column, width, left };
    left += width;
    return placed;
  };
  const pinned = [name, ...columns.filter(column => column.isPinned)].map(put);
  const free = columns.filter(column => !column.isPinned).map(put);
  return { pinned, free, width: left };
}

/** Which of the columns that scroll are in view, with some around them. */
export function inView(
  free: readonly IPlaced[],
  scrollLeft: number,
  room: number,
  margin = 200
): [number, number] {
  const origin = free[0]?.left ?? 0;
  const from = origin + scrollLeft - margin;
  const to = origin + scrollLeft + room + margin;
  let first = 0;
  while (first < free.length && free[first].left + free[first].width < from) {
    first += 1;
  }
  let last = first;
  while (last < free.length && free[last].left < to) {
    last += 1;
  }
  return [first, last];
}

/** The columns with or without one more. */
export function toggled(columns: readonly IColumn[], field: Field): IColumn[] {
  return columns.some(column => column.field === field)
    ? columns.filter(column => column.field !== field)
    : [...columns, { field }];
}

/** On which side of another column one is put. */
export type Side = 'before' | 'after';

/** The columns after one was put beside another. */
export function moved(
  columns: readonly IColumn[],
  field: Field,
  side: Side,
  other: Field
): readonly IColumn[] {
  const column = columns.find(item => item.field === field);
  const rest = columns.filter(item => item !== column);
  const at = rest.findIndex(item => item.field === other);
  if (!column || at < 0) {
    return columns;
  }
  const place = side === 'before' ? at : at + 1;
  // What is put among pinned columns is pinned, and the other way round.
  const { isPinned } = rest[at];
  return [...rest.slice(0, place), { ...column, isPinned }, ...rest.slice(place)];
}

/** The columns after one went a step to the left or right among those shown beside it. */
export function shifted(columns: readonly IColumn[], field: Field, by: 1 | -1): IColumn[] {
  const column = columns.find(item => item.field === field);
  const shown = columns.filter(item => Boolean(item.isPinned) === Boolean(column?.isPinned));
  const at = shown.findIndex(item => item.field === field);
  const other = shown[at + by];
  if (!column || !other) {
    return [...columns];
  }
  return columns.map(item => (item === column ? other : item === other ? column : item));
}

/** The columns after one was changed. */
export function changed(
  columns: readonly IColumn[],
  field: Field,
  change: Partial<IColumn>
): IColumn[] {
  return columns.map(column => (column.field === field ? { ...column, ...change } : column));
}

/** A width that can be read and that leaves room for others. */
export function fairWidth(width: number): number {
  return Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, Math.round(width)));
}
