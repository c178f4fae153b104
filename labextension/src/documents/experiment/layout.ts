import type { IColumn, IPlaced } from './columns';
import { defaultWidth, inView, NAME, place } from './columns';
import type { ITableView } from './view';

/** The heights of lines, in pixels. */
export const ROW = 28;
export const HEAD = 30;

/** The width of the column with the boxes to select by. */
export const SELECT = 32;

/** The least width of a metric where runs are grouped. */
const GROUPED = 168;

/** How many lines above and below those in view are drawn. */
const OVERSCAN = 8;

/** All columns and their places. */
export interface ILayout {
  /** The name and the pinned columns, then the others: cells are counted in this order, from 1. */
  columns: readonly IPlaced[];
  pinned: number;
  width: number;
}

/** What of the table is in view. */
export interface IViewport {
  first: number;
  last: number;
  /** The columns that scroll and are in view, as places in {@link ILayout.columns}. */
  from: number;
  to: number;
}

/** Where the columns are. On a narrow table only the name stays in view. */
export function layoutOf(view: ITableView, columns: readonly IColumn[], room: number): ILayout {
  const isNarrow = room > 0 && room < 480;
  const name = { field: NAME, width: view.nameWidth ?? (isNarrow ? 150 : defaultWidth(NAME)) };
  const isGrouped = view.group !== null && view.group !== 'parent';
  const shown = columns.map(column => ({
    ...column,
    // A group shows three numbers where a run shows one.
    ...(isGrouped && column.field.startsWith('metrics.') && { width: wide(column) }),
    ...(isNarrow && { isPinned: false })
  }));
  const { pinned, free, width } = place(shown, name, SELECT);
  return { columns: [...pinned, ...free], pinned: pinned.length, width };
}

function wide(column: IColumn): number {
  return Math.max(GROUPED, column.width ?? 0);
}

/** What is in view at a scroll position. */
export function viewportOf(
  layout: ILayout,
  lines: number,
  scroller: { scrollTop: number; scrollLeft: number; clientWidth: number; clientHeight: number }
): IViewport {
  const { scrollTop, scrollLeft, clientWidth, clientHeight } = scroller;
  const free = layout.columns.slice(layout.pinned);
  const stuck = free[0]?.left ?? layout.width;
  const [from, to] = inView(free, scrollLeft, Math.max(0, clientWidth - stuck));
  const first = Math.floor(scrollTop / ROW) - OVERSCAN;
  const last = Math.ceil((scrollTop + clientHeight - HEAD) / ROW) + OVERSCAN;
  return {
    first: Math.max(0, Math.min(first, lines - 1)),
    last: Math.max(0, Math.min(last, lines - 1)),
    from: from + layout.pinned,
    to: to + layout.pinned
  };
}

/** The columns to draw: the pinned ones, those in view, and the one that has the focus. */
export function drawn(layout: ILayout, viewport: IViewport, focused: number): number[] {
  const found: number[] = [];
  for (let at = 0; at < layout.columns.length; at += 1) {
    if (at < layout.pinned || (at >= viewport.from && at < viewport.to) || at === focused) {
      found.push(at);
    }
  }
  return found;
}

/** Whether two viewports are the same. */
export function isSameViewport(one: IViewport, other: IViewport): boolean {
  return (
    one.first === other.first &&
    one.last === other.last &&
    one.from === other.from &&
    one.to === other.to
  );
}
