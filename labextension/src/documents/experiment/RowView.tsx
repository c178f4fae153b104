import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IRunGroup, ITableRow } from '../../api/table';
import { DATA_JOB, DATA_RUN } from '../../commands';
import { type Field, splitField } from '../../models/fields';
import { seriesColour } from '../../shared/chart/series';
import { number } from '../../shared/format';
import { Sparkline } from '../../shared/Sparkline';
import { StateIcon } from '../../shared/StateIcon';
import { type IPlaced, NAME } from './columns';
import type { ITableContext } from './context';
import { type ILayout, ROW, SELECT } from './layout';
import { strength } from './tint';
import type { Entry } from './tree';
import { cellWords, groupWords } from './words';

/** What a line of the table needs. It is drawn anew only when one of these is another. */
export interface IRowProps extends ITableContext {
  line: number;
  entry: Entry | undefined;
  level: number;
  isUnfolded: boolean;
  isSelected: boolean;
  layout: ILayout;
  /** Which columns are drawn. */
  columns: readonly number[];
  /** The columns whose values stand to the right. */
  numbers: ReadonlySet<Field>;
  /** The cell of this line that Tab leads to, from 0 for the box; nothing if it is elsewhere. */
  focus: number | null;
  now: number;
  /** Counts what the cells show beside the entry: colours, curves, names. */
  version: number;
}

/** One line: a run, a group, or the shape of what comes. */
export const RowView = React.memo(Row);

function Row(props: IRowProps): JSX.Element {
  const { line, entry, level, isSelected, layout, columns, focus, table } = props;
  const { trans } = table.tracks;
  const run = entry?.kind === 'run' ? entry.row : null;
  const isTree = table.rows.asked?.group !== null;
  const isFoldable = entry?.kind === 'group' || Boolean(run?.children && isTree);
  const classes = ['jp-TracksideTable-row'];
  if (isSelected) {
    classes.push('jp-mod-selected');
  }
  if (entry?.kind === 'group') {
    classes.push('jp-mod-group');
  }
  if (run?.lifecycle_stage === 'deleted') {
    classes.push('jp-mod-deleted');
  }
  const free = columns.filter(at => at >= layout.pinned);
  let end = layout.columns[layout.pinned]?.left ?? layout.width;
  return (
    <div
      role="row"
      className={classes.join(' ')}
      data-line={line}
      aria-rowindex={line + 2}
      aria-selected={run ? isSelected : undefined}
      aria-level={isTree ? level : undefined}
      aria-expanded={isFoldable ? props.isUnfolded : undefined}
      aria-busy={entry ? undefined : true}
      style={{ transform: `translateY(${line * ROW}px)`, width: layout.width }}
      {...(run && {
        [DATA_RUN]: run.run_id,
        [DATA_JOB]: table.tracks.jobOfRun(run.run_id)?.job_id
      })}
    >
      <div
        role="gridcell"
        className="jp-TracksideTable-cell jp-mod-select"
        aria-colindex={1}
        data-column={0}
        tabIndex={focus === 0 ? 0 : -1}
        style={{ width: SELECT }}
      >
        {run && (
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={trans.__('Select %1', run.run_name)}
            checked={isSelected}
            readOnly
          />
        )}
      </div>
      {columns
        .filter(at => at < layout.pinned)
        .map(at => (
          <Cell key={layout.columns[at].field} {...props} at={at} />
        ))}
      {free.map(at => {
        const column = layout.columns[at];
        const gap = column.left - end;
        end = column.left + column.width;
        return <Cell key={column.field} {...props} at={at} gap={gap} />;
      })}
    </div>
  );
}

function Cell(props: IRowProps & { at: number; gap?: number }): JSX.Element {
  const { at, gap, layout, focus, entry, table, line } = props;
  const column = layout.columns[at];
  const { field } = column;
  const isPinned = at < layout.pinned;
  const classes = ['jp-TracksideTable-cell'];
  if (isPinned) {
    classes.push('jp-mod-pinned');
  }
  if (props.numbers.has(field)) {
    classes.push('jp-mod-number');
  }
  const content =
    field === NAME
      ? nameOf(props)
      : entry?.kind === 'group'
        ? spreadOf(entry.group, field, table.tracks.trans)
        : entry?.kind === 'run'
          ? valueOf(entry.row, field, props)
          : null;
  const isComing =
    !entry || (isFetched(field) && content === null && !table.rows.isHere(line, columnKey(field)));
  return (
    <div
      role="gridcell"
      className={classes.join(' ')}
      aria-colindex={at + 2}
      data-column={at + 1}
      tabIndex={focus === at + 1 ? 0 : -1}
      style={{
        width: column.width,
        ...(isPinned && { left: column.left }),
        ...(gap && { marginInlineStart: gap })
      }}
    >
      {isComing ? <i className="jp-TracksideTable-shape" /> : content}
    </div>
  );
}

function nameOf(props: IRowProps): React.ReactNode {
  const { entry, level, table, isUnfolded } = props;
  const { trans } = table.tracks;
  if (!entry) {
    return null;
  }
  const group = table.rows.asked?.group ?? null;
  const isRun = entry.kind === 'run';
  const name = isRun
    ? entry.row.run_name
    : groupWords(group ?? '', entry.group.value, table.nameOf, trans);
  const isFoldable = group !== null && (!isRun || Boolean(entry.row.children));
  return (
    <>
      {group !== null && (
        <span className="jp-TracksideTable-indent" style={{ width: (level - 1) * 16 + 18 }}>
          {isFoldable && (
            <button
              type="button"
              tabIndex={-1}
              className="jp-TracksideTable-fold"
              data-fold
              aria-label={isUnfolded ? trans.__('Fold %1', name) : trans.__('Unfold %1', name)}
            >
              <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden>
                <path d={isUnfolded ? 'M3 5.5l5 5 5-5' : 'M5.5 3l5 5-5 5'} />
              </svg>
            </button>
          )}
        </span>
      )}
      {isRun && (
        <>
          <span
            className="jp-TracksideDot"
            style={{ backgroundColor: seriesColour(entry.row.run_id) }}
            aria-hidden
          />
          <StateIcon state={entry.row.status} labelled trans={trans} />
        </>
      )}
      <span className="jp-TracksideTable-text" title={name}>
        {name}
      </span>
      {isRun && group === 'parent' && Boolean(entry.row.children) && (
        <span className="jp-TracksideCount">
          {trans._n('%1 nested', '%1 nested', entry.row.children ?? 0)}
        </span>
      )}
      {!isRun && (
        <span className="jp-TracksideCount">
          {trans._n('%1 run', '%1 runs', entry.group.count)}
        </span>
      )}
    </>
  );
}

function valueOf(row: ITableRow, field: Field, props: IRowProps): React.ReactNode {
  const { table, now, layout, at } = props as IRowProps & { at: number };
  const { kind, key } = splitField(field);
  if (kind === 'curves') {
    const values = table.sparks.get(row.run_id, key);
    return values ? <Sparkline values={values} width={76} height={18} /> : null;
  }
  const { text, full } = cellWords(row, field, now, table.nameOf, table.tracks.trans);
  if (!text) {
    return null;
  }
  const { tint } = layout.columns[at];
  const range = tint && kind === 'metrics' ? table.rangeOf(field) : null;
  return (
    <>
      {tint && range && (
        <span
          className="jp-TracksideTable-tint"
          style={{ '--strength': `${strength(row.metrics[key], range, tint)}%` } as never}
        />
      )}
      <span className="jp-TracksideTable-text" title={full}>
        {text}
      </span>
    </>
  );
}

/** The mean of a metric in a group, between its least and its greatest value. */
function spreadOf(group: IRunGroup, field: Field, trans: TranslationBundle): React.ReactNode {
  const { kind, key } = splitField(field);
  const spread = kind === 'metrics' ? group.metrics[key] : undefined;
  if (!spread) {
    return null;
  }
  const [low, mean, high] = [spread.min, spread.mean, spread.max].map(number);
  const full = trans.__('Mean %1, from %2 to %3', mean, low, high);
  return (
    <span className="jp-TracksideTable-text" title={full}>
      {low !== high && <small>{`${low}…${high} `}</small>}
      {mean}
    </span>
  );
}

function isFetched(field: Field): boolean {
  return !field.startsWith('attributes.') && !field.startsWith('curves.');
}

function columnKey(field: Field): Field {
  return field.replace(/^curves\./, 'metrics.');
}

/** The column of a cell. */
export function columnOf(layout: ILayout, cell: number): IPlaced | undefined {
  return layout.columns[cell - 1];
}
