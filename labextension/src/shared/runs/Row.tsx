import * as React from 'react';

import { Sparkline } from '../Sparkline';
import { startWords } from '../startwords';
import { StateIcon } from '../StateIcon';
import { stateLook } from '../states';
import { useTrans } from '../trans-context';
import { cellText, columnLabel, type IListedRun } from './rows';
import { ROW } from './useRows';

/** One run; its shape as long as it is on the way. */
export function Row(props: {
  index: number;
  run: IListedRun | undefined;
  columns: readonly string[];
  curveColumn: string | undefined;
  curve: readonly number[] | undefined;
  now: number;
  isActive: boolean;
  isSelected: boolean;
  onFocus: () => void;
  onSelect: (isStretch: boolean) => void;
  onOpen?: (run: IListedRun) => void;
  attributes?: (run: IListedRun) => Record<string, string>;
}): JSX.Element {
  const { index, run, columns, now, isActive, isSelected, onOpen } = props;
  const trans = useTrans();
  const place = {
    role: 'row',
    'data-index': index,
    'aria-rowindex': index + 2,
    tabIndex: isActive ? 0 : -1,
    style: { height: ROW, transform: `translateY(${index * ROW}px)` }
  };
  if (!run) {
    return (
      <div className="jp-TracksideRunTable-row jp-mod-waiting" aria-busy {...place}>
        <div role="gridcell" aria-label={trans.__('On the way')} />
      </div>
    );
  }
  const onClick = (event: React.MouseEvent): void => {
    if (!(event.target as HTMLElement).closest('button')) {
      props.onSelect(event.shiftKey);
    }
  };
  const start = startWords(run.status, run.start_time, run.end_time, now, trans);
  return (
    <div
      className="jp-TracksideRunTable-row"
      aria-selected={isSelected}
      aria-label={describe(run, columns, start.phrase)}
      onFocus={props.onFocus}
      onClick={onClick}
      onDoubleClick={onOpen && (() => onOpen(run))}
      {...props.attributes?.(run)}
      {...place}
    >
      <div role="gridcell">
        <span className="jp-TracksideRunTable-check" aria-hidden />
      </div>
      <div role="gridcell">
        <StateIcon state={run.status} labelled trans={trans} />
      </div>
      <div role="gridcell" className="jp-TracksideRunTable-name" title={run.run_name}>
        {onOpen ? (
          <button
            type="button"
            className="jp-TracksideCard-name"
            tabIndex={-1}
            onClick={() => onOpen(run)}
          >
            {run.run_name}
          </button>
        ) : (
          run.run_name
        )}
      </div>
      {columns.map(column => (
        <div
          key={column}
          role="gridcell"
          className={column.startsWith('metrics.') ? 'jp-TracksideRunTable-number' : ''}
          title={cellText(run, column)}
        >
          {column === props.curveColumn && props.curve && (
            <Sparkline values={props.curve} width={44} />
          )}
          {cellText(run, column)}
        </div>
      ))}
      <div
        role="gridcell"
        className="jp-TracksideRunTable-when"
        title={[start.full, start.took].filter(Boolean).join(' · ')}
      >
        {start.text}
      </div>
    </div>
  );
}

/** What a screen reader says about a run. */
function describe(run: IListedRun, columns: readonly string[], started: string): string {
  const values = columns.map(column => {
    const text = cellText(run, column);
    return text && `${columnLabel(column)} ${text}`;
  });
  return [run.run_name, stateLook(run.status).label, ...values, started].filter(Boolean).join(', ');
}
