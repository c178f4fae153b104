import * as React from 'react';

import { DATA_SELECTED } from '../../commands';
import { useSignal, useSlowNow, useWidth } from '../../components/hooks';
import { Popover } from '../../components/Popover';
import { type Field, splitField } from '../../models/fields';
import { useNow } from '../../shared/clock';
import type { IPlaced } from './columns';
import type { ITableContext } from './context';
import { HeadMenu } from './HeadMenu';
import { HeadRow, setWidth } from './HeadRow';
import {
  drawn,
  HEAD,
  type ILayout,
  isSameViewport,
  type IViewport,
  layoutOf,
  ROW,
  viewportOf
} from './layout';
import { RowView } from './RowView';
import { areNumbers } from './tint';
import { useKeys } from './useKeys';
import { useSideways } from './useSideways';
import { heading } from './words';

const NOWHERE: IViewport = { first: 0, last: 0, from: 0, to: 0 };

/** The rows: only those in view are drawn, and only the columns in view. */
export function Grid(props: ITableContext): JSX.Element {
  const { table } = props;
  const { rows, news, selection, sparks } = table;
  const { trans } = table.tracks;
  const come = useSignal(rows.changed);
  const looks = useSignal(table.changed) + useSignal(sparks.changed);
  const seen = come + looks;
  const chosen = useSignal(selection.changed);
  useSignal(news.changed);
  const scroller = React.useRef<HTMLDivElement>(null);
  const [measure, room] = useWidth();
  const layout = React.useMemo(
    () => layoutOf(table.view, table.columns, room),
    [table.view, table.columns, room]
  );
  const lines = rows.root.length;
  const [viewport, setViewport] = React.useState(NOWHERE);
  const [menu, setMenu] = React.useState<{ field: string; anchor: HTMLElement } | null>(null);

  const openMenu = React.useCallback(
    ({ field }: IPlaced, anchor: HTMLElement) => setMenu({ field, anchor }),
    []
  );
  const look = React.useCallback(() => {
    if (scroller.current) {
      const next = viewportOf(layout, lines, scroller.current);
      setViewport(before => (isSameViewport(before, next) ? before : next));
    }
  }, [layout, lines]);
  React.useLayoutEffect(look, [look, room]);
  useHeight(scroller, look);
  useScrollPlace(props, scroller, `${lines} ${room}`);
  React.useEffect(() => {
    news.isHeld = () => scroller.current?.matches(':hover, :focus-within') ?? false;
    return () => {
      news.isHeld = () => false;
    };
  }, [news]);
  const slide = useSideways(scroller);

  const { active, ...listeners } = useKeys(props, {
    scroller,
    layout,
    lines
  });
  const columns = React.useMemo(
    () => drawn(layout, viewport, active.cell - 1),
    [layout, viewport.from, viewport.to, active.cell]
  );
  React.useEffect(() => {
    // Of a table that is hidden nothing is known.
    const top = scroller.current?.clientHeight
      ? Math.floor(scroller.current.scrollTop / ROW)
      : table.top;
    rows.look(viewport.first, viewport.last);
    table.look(
      columns.map(at => layout.columns[at].field),
      top
    );
    const curves = columns
      .map(at => layout.columns[at].field)
      .filter(field => field.startsWith('curves.'))
      .map(field => field.slice('curves.'.length));
    sparks.want(rows.inView(), curves);
  }, [table, viewport, columns, seen]);

  const shown: number[] = [];
  for (let line = viewport.first; line <= Math.min(viewport.last, lines - 1); line += 1) {
    shown.push(line);
  }
  // The row that Tab leads to stays drawn when it is scrolled away.
  if (active.line >= 0 && active.line < lines && !shown.includes(active.line)) {
    shown.push(active.line);
  }
  const hasRunning = rows.inView().some(row => row.end_time === null);
  const slow = useSlowNow();
  const fast = useNow(hasRunning);
  const isTree = rows.asked?.group !== null && rows.asked !== null;
  // The rows that are here tell how strong a colour is.
  const hasTint = layout.columns.some(({ tint }) => tint !== undefined);
  const numbers = useNumbers(props, come, layout);
  const isKnown = rows.root.list.total !== null;
  const column = layout.columns.find(({ field }) => field === menu?.field);
  return (
    <>
      <div
        ref={node => {
          (scroller as React.MutableRefObject<HTMLDivElement | null>).current = node;
          measure(node);
        }}
        className="jp-TracksideTable-scroll"
        onScroll={() => {
          slide();
          look();
        }}
      >
        <div
          role={isTree ? 'treegrid' : 'grid'}
          className="jp-TracksideTable-grid"
          aria-label={trans.__('Runs of %1', table.title)}
          aria-rowcount={isKnown ? lines + 1 : -1}
          aria-colcount={layout.columns.length + 1}
          aria-multiselectable
          aria-busy={rows.isLoading}
          style={{ width: layout.width, height: HEAD + lines * ROW }}
          {...{ [DATA_SELECTED]: selection.isEverything ? '' : [...selection.ids].join(' ') }}
          {...listeners}
        >
          <div role="rowgroup" className="jp-TracksideTable-top">
            <HeadRow
              {...props}
              layout={layout}
              columns={columns}
              focus={active.line < 0 ? active.cell : null}
              opened={menu?.field ?? null}
              onMenu={openMenu}
              numbers={numbers}
              version={seen + chosen}
            />
          </div>
          <div role="rowgroup" className="jp-TracksideTable-rows">
            {shown.map(line => {
              const place = rows.root.locate(line);
              const entry = place?.branch.list.at(place.index);
              const run = entry?.kind === 'run' ? entry.row : null;
              return (
                <RowView
                  key={line}
                  {...props}
                  line={line}
                  entry={entry}
                  level={place?.branch.level ?? 1}
                  isUnfolded={isTree && rows.below(line) !== undefined}
                  isSelected={run !== null && selection.has(run.run_id)}
                  layout={layout}
                  columns={columns}
                  numbers={numbers}
                  focus={line === active.line ? active.cell : null}
                  now={run?.end_time === null ? fast : slow}
                  version={hasTint ? seen : looks}
                />
              );
            })}
          </div>
        </div>
      </div>
      {menu && column && (
        <Popover
          label={trans.__('Column %1', heading(column.field, trans))}
          anchor={menu.anchor}
          onClose={() => setMenu(null)}
        >
          <HeadMenu
            table={table}
            column={column}
            onResize={by => setWidth(table, column.field, column.width + by)}
            onClose={() => setMenu(null)}
          />
        </Popover>
      )}
    </>
  );
}

/** The columns whose values stand to the right: metrics, and params that are numbers in every row. */
function useNumbers({ table }: ITableContext, come: number, layout: ILayout): ReadonlySet<Field> {
  const fields = React.useMemo(() => {
    const all = [...table.rows.rows()];
    return layout.columns
      .filter(({ field }) => {
        const { kind, key } = splitField(field);
        return kind === 'params' ? areNumbers(all.map(row => row.params[key])) : kind === 'metrics';
      })
      .map(({ field }) => field);
  }, [table, come, layout]);
  // Rows are drawn anew only when there are others.
  const before = React.useRef<ReadonlySet<Field>>(new Set());
  if (before.current.size !== fields.length || !fields.every(field => before.current.has(field))) {
    before.current = new Set(fields);
  }
  return before.current;
}

function useHeight(scroller: React.RefObject<HTMLElement>, look: () => void): void {
  React.useEffect(() => {
    const observer = new ResizeObserver(look);
    observer.observe(scroller.current!);
    return () => observer.disconnect();
  }, [look]);
}

/** The table opens where it was left, and another question is read from its beginning. */
function useScrollPlace(
  { table }: ITableContext,
  scroller: React.RefObject<HTMLElement>,
  size: string
): void {
  const { asked } = table.rows;
  const placed = React.useRef<typeof asked>(null);
  React.useLayoutEffect(() => {
    // What is hidden cannot be scrolled.
    if (asked === placed.current || !scroller.current?.clientHeight) {
      return;
    }
    scroller.current.scrollTop = placed.current === null ? table.top * ROW : 0;
    placed.current = asked;
  }, [asked, size]);
}
