import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import * as React from 'react';

import type { Selection } from '../models/selection';

/** The height of a row, in pixels. */
export const ROW_HEIGHT = 26;

/** What a list needs to know. */
export interface IVirtualListProps<T> {
  /** What the list holds, for screen readers. */
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string;
  /** One sentence about the row, for screen readers. */
  describe: (item: T) => string;
  /** The cells of the row. */
  renderRow: (item: T) => React.ReactNode;
  /** Attributes by which the context menu finds what the row shows. */
  attributes?: (item: T) => Record<`data-${string}`, string | undefined>;
  /** Called on Enter and on double click. */
  onOpen: (item: T) => void;
  /** Called on Delete. */
  onDelete?: (item: T) => void;
  /** Which rows are selected, for lists that several can be selected in. */
  selection?: Selection;
  /** Called when the end comes into view. */
  onEnd?: () => void;
  /** Called when the pointer or the focus comes and goes. */
  onHeld?: (held: boolean) => void;
  /** The widths of the columns, for lists that are tables. */
  template?: string;
  /** Below this width the list scrolls sideways. */
  minWidth?: number;
  header?: React.ReactNode;
  footer?: React.ReactNode;
  className?: string;
}

/**
 * A list of rows of one height, of which only those in view are drawn.
 *
 * It is one stop for the Tab key: the arrow keys, Home, End and the page keys move between rows,
 * right and left between a row and its actions.
 */
export function VirtualList<T>(props: IVirtualListProps<T>): React.ReactElement {
  const { items, keyOf, onEnd, onHeld } = props;
  const scroller = React.useRef<HTMLDivElement>(null);
  const [activeKey, setActiveKey] = React.useState<string | null>(null);
  const headerRows = props.header ? 1 : 0;
  const found = items.findIndex(item => keyOf(item) === activeKey);
  const place = React.useRef(0);
  if (found >= 0) {
    place.current = found;
  }
  // When the row that Tab leads to is gone, what took its place is next.
  const activeIndex = Math.max(0, Math.min(place.current, items.length - 1));
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: index => keyOf(items[index]),
    scrollPaddingStart: headerRows * ROW_HEIGHT,
    overscan: 6,
    // The row that Tab leads to stays drawn when it is scrolled away.
    rangeExtractor: range =>
      [...new Set([...defaultRangeExtractor(range), activeIndex])].sort((a, b) => a - b)
  });
  const rows = virtualizer.getVirtualItems();
  const last = rows[rows.length - 1]?.index ?? -1;
  React.useEffect(() => {
    if (onEnd && items.length > 0 && last >= items.length - 1) {
      onEnd();
    }
  }, [onEnd, last, items.length]);

  const focusRow = (index: number): void => {
    const target = Math.min(items.length - 1, Math.max(0, index));
    setActiveKey(keyOf(items[target]));
    virtualizer.scrollToIndex(target);
    const focus = (): boolean => {
      const row = scroller.current?.querySelector<HTMLElement>(
        `[role="row"][data-index="${target}"]`
      );
      row?.focus({ preventScroll: true });
      return Boolean(row);
    };
    // At once, so that the next key is heard there; a row far away is drawn after it was scrolled into view.
    if (!focus()) {
      requestAnimationFrame(focus);
    }
  };

  // A row that is deleted would take the focus with it.
  const hasFocus = React.useRef(false);
  React.useEffect(() => {
    if (found < 0 && hasFocus.current && document.activeElement === document.body && items.length) {
      focusRow(activeIndex);
    }
  }, [found, items.length]);

  const { selection } = props;
  const extend = (index: number): void => {
    const from = selection?.anchor ?? activeIndex;
    const range = items.slice(Math.min(from, index), Math.max(from, index) + 1);
    selection?.setAll(range.map(keyOf), true);
  };
  // What the keys and the pointer select by; whether there was anything to select.
  const select = (event: React.KeyboardEvent | React.MouseEvent, index: number): boolean => {
    if (!selection) {
      return false;
    }
    const isKey = 'key' in event;
    if (event.shiftKey) {
      extend(index);
    } else if (isKey || event.ctrlKey || event.metaKey || isBox(event.target)) {
      selection.toggle(keyOf(items[index]), index);
    } else {
      return false;
    }
    return true;
  };

  const onKeyDown = (event: React.KeyboardEvent): void => {
    const index = rowOf(event.target);
    if (index === null) {
      return;
    }
    const isOnRow = (event.target as HTMLElement).getAttribute('role') === 'row';
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1);
    const moves: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: items.length - 1
    };
    if (event.key in moves) {
      if (event.shiftKey && event.key.startsWith('Arrow')) {
        extend(Math.min(items.length - 1, Math.max(0, moves[event.key])));
      }
      focusRow(moves[event.key]);
    } else if (isOnRow && event.key === ' ' && selection) {
      select(event, index);
    } else if (event.key === 'Escape' && selection && !selection.isEmpty) {
      selection.clear();
    } else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      moveInRow(event.target as HTMLElement, event.key === 'ArrowRight' ? 1 : -1);
    } else if (isOnRow && event.key === 'Enter') {
      props.onOpen(items[index]);
    } else if (isOnRow && event.key === 'Delete' && props.onDelete) {
      props.onDelete(items[index]);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={scroller}
      className={`jp-TracksideList ${props.className ?? ''}`}
      onMouseEnter={() => onHeld?.(true)}
      onMouseLeave={() => onHeld?.(false)}
      // Who acts wants to see what comes of it.
      onClickCapture={() => onHeld?.(false)}
    >
      <div
        role="grid"
        className="jp-TracksideList-grid"
        aria-label={props.label}
        aria-rowcount={items.length + headerRows}
        aria-multiselectable={selection ? true : undefined}
        onKeyDown={onKeyDown}
        onFocus={() => (hasFocus.current = true)}
        onBlur={() => (hasFocus.current = false)}
        style={
          {
            minWidth: props.minWidth,
            '--jp-trackside-template': props.template
          } as React.CSSProperties
        }
      >
        {props.header && (
          <div role="rowgroup" className="jp-TracksideList-header">
            {props.header}
          </div>
        )}
        <div
          role="rowgroup"
          className="jp-TracksideList-rows"
          style={{ height: virtualizer.getTotalSize() }}
        >
          {rows.map(row => {
            const item = items[row.index];
            return (
              <div
                key={row.key}
                role="row"
                className="jp-TracksideRow"
                aria-selected={selection?.has(keyOf(item))}
                data-index={row.index}
                aria-rowindex={row.index + 1 + headerRows}
                aria-label={props.describe(item)}
                tabIndex={row.index === activeIndex ? 0 : -1}
                style={{ transform: `translateY(${row.start}px)`, height: ROW_HEIGHT }}
                onFocus={() => setActiveKey(keyOf(item))}
                onClick={event => {
                  select(event, row.index);
                  if (!(event.target as HTMLElement).closest('button')) {
                    event.currentTarget.focus({ preventScroll: true });
                  }
                }}
                onDoubleClick={() => props.onOpen(item)}
                {...props.attributes?.(item)}
              >
                {props.renderRow(item)}
              </div>
            );
          })}
        </div>
      </div>
      {props.footer}
    </div>
  );
}

function isBox(target: EventTarget): boolean {
  return target instanceof HTMLInputElement;
}

function rowOf(target: EventTarget): number | null {
  const row = (target as HTMLElement).closest<HTMLElement>('[role="row"][data-index]');
  return row ? Number(row.dataset.index) : null;
}

function moveInRow(from: HTMLElement, by: number): void {
  const row = from.closest<HTMLElement>('[role="row"]')!;
  const stops = [row, ...row.querySelectorAll<HTMLElement>('button')];
  const next = stops.indexOf(from) + by;
  stops[Math.min(stops.length - 1, Math.max(0, next))].focus({ preventScroll: true });
}
