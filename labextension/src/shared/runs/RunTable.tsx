import * as React from 'react';

import { useNow } from '../clock';
import { useTrans } from '../trans-context';
import { Head } from './Head';
import { Row } from './Row';
import { curveColumn, extended, toggled, type IListedRun, type IListOrder } from './rows';
import { ROW, useRows } from './useRows';

/** Most rows that are in view at once. */
const IN_VIEW = 10;

export interface IRunTableProps {
  label: string;
  /** How many rows there are, as far as is known. */
  count: number;
  /** A row, once it is there. */
  rowAt: (index: number) => IListedRun | undefined;
  /** Called with the rows that are drawn, those in view and a few more. */
  onRange?: (from: number, to: number) => void;
  /** `metrics.loss`, `params.lr` and so on. */
  columns: readonly string[];
  /** The curves of the first metric, by the id of the run. */
  curves: ReadonlyMap<string, readonly number[]>;
  selected: readonly string[];
  onSelect: (runIds: string[]) => void;
  onOpen?: (run: IListedRun) => void;
  order?: IListOrder | null;
  onOrder?: (order: IListOrder) => void;
  /** Attributes of a row, such as those that the context menu looks for. */
  attributes?: (run: IListedRun) => Record<string, string>;
}

/**
 * Runs, one a line, to look at and to select. Only the rows in view are drawn. It is one stop for
 * the Tab key: the arrow keys move, Space selects, with Shift a stretch, and Enter opens.
 */
export function RunTable(props: IRunTableProps): JSX.Element {
  const { count, rowAt, onRange, columns, selected, onSelect, onOpen } = props;
  const trans = useTrans();
  const { scroller, height, from, to, onScroll, reveal } = useRows(count, IN_VIEW);
  const [active, setActive] = React.useState(0);
  // Where a stretch begins that is selected with Shift.
  const anchor = React.useRef(0);
  const drawn = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
  const stop = Math.min(active, count - 1);
  // The row that Tab leads to stays drawn when it is scrolled away.
  if (stop >= 0 && (stop < from || stop >= to)) {
    drawn.push(stop);
  }
  const isLive = drawn.some(index => rowAt(index)?.status === 'RUNNING');
  const now = useNow(isLive);
  React.useEffect(() => {
    if (to > from) {
      onRange?.(from, to);
    }
  }, [onRange, from, to]);

  const select = (index: number, isStretch: boolean): void => {
    const run = rowAt(index);
    if (!run) {
      return;
    }
    if (isStretch) {
      const [low, high] = [Math.min(anchor.current, index), Math.max(anchor.current, index)];
      const stretch = Array.from({ length: high - low + 1 }, (_, at) => rowAt(low + at)?.run_id);
      onSelect(
        extended(
          selected,
          stretch.filter((id): id is string => id !== undefined)
        )
      );
    } else {
      anchor.current = index;
      onSelect(toggled(selected, run.run_id));
    }
  };
  const goTo = (index: number): void => {
    const target = Math.min(count - 1, Math.max(0, index));
    setActive(target);
    reveal(target);
    const focus = (): boolean => {
      const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${target}"]`);
      row?.focus({ preventScroll: true });
      return Boolean(row);
    };
    // At once, so that the next key is heard there; a row far away is drawn after it was scrolled into view.
    if (!focus()) {
      requestAnimationFrame(focus);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const at = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    if (!at) {
      return;
    }
    const index = Number(at.dataset.index);
    const run = rowAt(index);
    const moves: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + IN_VIEW,
      PageUp: index - IN_VIEW,
      Home: 0,
      End: count - 1
    };
    if (event.key in moves) {
      goTo(moves[event.key]);
    } else if (event.key === ' ') {
      select(index, event.shiftKey);
    } else if (event.key === 'Escape' && selected.length > 0) {
      onSelect([]);
    } else if (event.key === 'Enter' && onOpen && run && event.target === at) {
      onOpen(run);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const curveOf = curveColumn(columns);
  // A curve and its number need more room than a number.
  const widths = columns.map(column => `minmax(${column === curveOf ? 108 : 76}px, 1fr)`);
  const template = `24px 20px minmax(110px, 1.6fr) ${widths.join(' ')} 84px`;
  return (
    <div className="jp-TracksideRunTable" style={{ '--jp-trackside-columns': template } as object}>
      <div
        role="grid"
        aria-label={props.label}
        aria-multiselectable
        aria-rowcount={count + 1}
        className="jp-TracksideRunTable-grid"
        style={{ minWidth: 282 + columns.length * 84 }}
        onKeyDown={onKeyDown}
      >
        <Head columns={columns} order={props.order ?? null} onOrder={props.onOrder} />
        <div
          ref={scroller}
          role="rowgroup"
          className="jp-TracksideRunTable-rows"
          style={{ height }}
          onScroll={onScroll}
        >
          <div role="presentation" style={{ height: count * ROW }}>
            {drawn.map(index => (
              <Row
                key={rowAt(index)?.run_id ?? index}
                index={index}
                run={rowAt(index)}
                columns={columns}
                curveColumn={curveOf}
                curve={props.curves.get(rowAt(index)?.run_id ?? '')}
                now={now}
                isActive={index === stop}
                isSelected={selected.includes(rowAt(index)?.run_id ?? '')}
                onFocus={() => setActive(index)}
                onSelect={isStretch => select(index, isStretch)}
                onOpen={onOpen}
                attributes={props.attributes}
              />
            ))}
          </div>
        </div>
      </div>
      <span className="jp-TracksideHidden" role="status">
        {selected.length > 0 &&
          trans._n('%1 run is selected.', '%1 runs are selected.', selected.length)}
      </span>
    </div>
  );
}
