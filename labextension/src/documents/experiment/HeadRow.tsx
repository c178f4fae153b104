import { caretDownIcon, caretUpIcon, ellipsesIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { changed, fairWidth, type IPlaced, moved, NAME, shifted, type Side } from './columns';
import type { ITableContext } from './context';
import { HEAD, type ILayout, SELECT } from './layout';
import { isSortable, shownOrder, withClick } from './order';
import { fullHeading, heading } from './words';

/** How far the keyboard resizes at once. */
const STEP = 16;

/** The data of a drag of a heading. */
const DRAGGED = 'application/x-trackside-column';

interface IHeadProps extends ITableContext {
  layout: ILayout;
  columns: readonly number[];
  /** The columns whose values stand to the right. */
  numbers: ReadonlySet<string>;
  /** The heading that Tab leads to; nothing if it is elsewhere. */
  focus: number | null;
  /** The heading whose menu is open. */
  opened: string | null;
  /** Open the menu of a column. */
  onMenu: (column: IPlaced, anchor: HTMLElement) => void;
  /** Counts what the headings show beside the columns: the order, the selection. */
  version: number;
}

/** The headings: they sort, and can be moved, resized and asked for more. */
export const HeadRow = React.memo(Headings);

function Headings(props: IHeadProps): JSX.Element {
  const { layout, columns, focus, table } = props;
  const { trans } = table.tracks;
  const { selection } = table;
  let end = layout.columns[layout.pinned]?.left ?? layout.width;
  return (
    <div role="row" className="jp-TracksideTable-head" aria-rowindex={1} style={{ height: HEAD }}>
      <div
        role="columnheader"
        className="jp-TracksideTable-cell jp-mod-select"
        aria-colindex={1}
        data-column={0}
        tabIndex={focus === 0 ? 0 : -1}
        style={{ width: SELECT }}
      >
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={trans.__('Select all that match')}
          title={trans.__('Select all that match')}
          checked={selection.isEverything}
          ref={box => {
            if (box) {
              box.indeterminate = !selection.isEmpty && selection.ids.size > 0;
            }
          }}
          readOnly
        />
      </div>
      {columns.map(at => {
        const column = layout.columns[at];
        const isPinned = at < layout.pinned;
        const gap = isPinned ? 0 : column.left - end;
        end = isPinned ? end : column.left + column.width;
        return <Heading key={column.field} {...props} column={column} at={at} gap={gap} />;
      })}
    </div>
  );
}

function Heading(props: IHeadProps & { column: IPlaced; at: number; gap: number }): JSX.Element {
  const { column, at, gap, layout, focus, table, opened, onMenu } = props;
  const { trans } = table.tracks;
  const { field } = column;
  const [target, setTarget] = React.useState<Side | null>(null);
  const isPinned = at < layout.pinned;
  const order = shownOrder(table.view.order);
  const rank = order.findIndex(item => item.field === field);
  const sorted = rank >= 0 ? order[rank] : null;
  const Caret = sorted?.descending ? caretDownIcon : caretUpIcon;
  const name = heading(field, trans);
  const sort = (isAdded: boolean): void => {
    if (isSortable(field, table.isOutside)) {
      table.setView({ order: withClick(table.view.order, field, isAdded) });
    }
  };
  const resize = (width: number): void => setWidth(table, field, width);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.target !== event.currentTarget && (event.key === 'Enter' || event.key === ' ')) {
      // It is for the button of the menu.
      event.stopPropagation();
      return;
    }
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (event.key === 'Enter' || event.key === ' ') {
      sort(event.shiftKey);
    } else if (by && event.ctrlKey && event.shiftKey && field !== NAME) {
      table.setColumns(shifted(table.columns, field, by));
    } else if (by && event.shiftKey) {
      resize(column.width + by * STEP);
    } else if (event.altKey && event.key === 'ArrowDown') {
      onMenu(column, event.currentTarget as HTMLElement);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const classes = ['jp-TracksideTable-cell', 'jp-TracksideTable-heading'];
  if (isPinned) {
    classes.push('jp-mod-pinned');
  }
  if (target) {
    classes.push(target === 'before' ? 'jp-mod-before' : 'jp-mod-after');
  }
  if (props.numbers.has(field)) {
    classes.push('jp-mod-number');
  }
  return (
    <div
      role="columnheader"
      className={classes.join(' ')}
      aria-label={fullHeading(field, trans)}
      aria-colindex={at + 2}
      aria-sort={sorted ? (sorted.descending ? 'descending' : 'ascending') : undefined}
      aria-keyshortcuts="Enter Shift+Enter Alt+ArrowDown"
      data-column={at + 1}
      tabIndex={focus === at + 1 ? 0 : -1}
      title={trans.__(
        '%1. Click sorts, with Shift by one more column; Alt+↓ shows more.',
        fullHeading(field, trans)
      )}
      style={{
        width: column.width,
        ...(isPinned && { left: column.left }),
        ...(gap > 0 && { marginInlineStart: gap })
      }}
      draggable={field !== NAME}
      onDragStart={event => {
        event.dataTransfer.setData(DRAGGED, field);
        event.dataTransfer.effectAllowed = 'move';
      }}
      onDragOver={event => {
        if (field !== NAME && event.dataTransfer.types.includes(DRAGGED)) {
          event.preventDefault();
          setTarget(sideOf(event));
        }
      }}
      onDragLeave={() => setTarget(null)}
      onDrop={event => {
        setTarget(null);
        const dragged = event.dataTransfer.getData(DRAGGED);
        if (dragged && dragged !== field) {
          event.preventDefault();
          table.setColumns(moved(table.columns, dragged, sideOf(event), field));
        }
      }}
      onClick={event => sort(event.shiftKey)}
      onContextMenu={event => {
        event.preventDefault();
        event.stopPropagation();
        onMenu(column, event.currentTarget);
      }}
      onKeyDown={onKeyDown}
    >
      <span className="jp-TracksideTable-text">{name}</span>
      {sorted && (
        <span className="jp-TracksideTable-order" aria-hidden>
          <Caret.react tag={null} width="12px" height="12px" />
          {order.length > 1 && rank + 1}
        </span>
      )}
      <button
        type="button"
        tabIndex={-1}
        className="jp-TracksideIconButton"
        aria-label={trans.__('More about %1', name)}
        aria-haspopup="dialog"
        aria-expanded={opened === field}
        onClick={event => {
          event.stopPropagation();
          onMenu(column, event.currentTarget.parentElement!);
        }}
      >
        <ellipsesIcon.react tag={null} width="14px" height="14px" />
      </button>
      <Handle width={column.width} onResize={resize} />
    </div>
  );
}

/** Where what is dragged would be put: beside the half of the heading that it is over. */
function sideOf({ clientX, currentTarget }: React.DragEvent): Side {
  const { left, width } = currentTarget.getBoundingClientRect();
  return clientX < left + width / 2 ? 'before' : 'after';
}

/** The edge that is dragged to resize; the keyboard and the menu do the same. */
function Handle(props: { width: number; onResize: (width: number) => void }): JSX.Element {
  const start = React.useRef<{ x: number; width: number } | null>(null);
  return (
    <span
      className="jp-TracksideTable-handle"
      aria-hidden
      draggable
      onDragStart={event => {
        event.preventDefault();
        event.stopPropagation();
      }}
      onClick={event => event.stopPropagation()}
      onPointerDown={event => {
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, width: props.width };
      }}
      onPointerMove={event => {
        if (start.current) {
          props.onResize(start.current.width + event.clientX - start.current.x);
        }
      }}
      onPointerUp={() => {
        start.current = null;
      }}
      onPointerCancel={() => {
        start.current = null;
      }}
    />
  );
}

/** Give a column another width. */
export function setWidth(table: ITableContext['table'], field: string, width: number): void {
  const fair = fairWidth(width);
  if (field === NAME) {
    table.setView({ nameWidth: fair });
  } else {
    table.setColumns(changed(table.columns, field, { width: fair }));
  }
}
