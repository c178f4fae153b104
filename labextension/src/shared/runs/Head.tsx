import * as React from 'react';

import { useTrans } from '../trans-context';
import { columnLabel, type IListOrder } from './rows';

/** What the last column is sorted by. */
const STARTED = 'attributes.start_time';

/** The heads of the columns, by which the list is sorted where somebody can sort it. */
export function Head(props: {
  columns: readonly string[];
  order: IListOrder | null;
  onOrder?: (order: IListOrder) => void;
}): JSX.Element {
  const { columns, order, onOrder } = props;
  const trans = useTrans();
  const cell = (column: string, label: string, className = ''): JSX.Element => {
    const isSorted = order?.column === column;
    const direction = order?.descending ? 'descending' : 'ascending';
    // What is newest is what one looks for first; of the rest, the least.
    const next = { column, descending: isSorted ? !order.descending : column === STARTED };
    return (
      <div
        key={column}
        role="columnheader"
        aria-sort={isSorted ? direction : undefined}
        className={className}
      >
        {onOrder ? (
          <button type="button" title={trans.__('Sort by %1', label)} onClick={() => onOrder(next)}>
            {label}
            {isSorted && <Arrow isDown={order.descending} />}
          </button>
        ) : (
          <span title={label}>{label}</span>
        )}
      </div>
    );
  };
  return (
    <div role="rowgroup" className="jp-TracksideRunTable-head">
      <div role="row" className="jp-TracksideRunTable-row" aria-rowindex={1}>
        <div role="columnheader">
          <span className="jp-TracksideHidden">{trans.__('Selected')}</span>
        </div>
        <div role="columnheader">
          <span className="jp-TracksideHidden">{trans.__('State')}</span>
        </div>
        {cell('attributes.run_name', trans.__('Name'))}
        {columns.map(column =>
          cell(
            column,
            columnLabel(column),
            column.startsWith('metrics.') ? 'jp-TracksideRunTable-number' : ''
          )
        )}
        {cell(STARTED, trans.__('Started'), 'jp-TracksideRunTable-when')}
      </div>
    </div>
  );
}

function Arrow(props: { isDown: boolean }): JSX.Element {
  return (
    <svg className="jp-TracksideArrow" viewBox="0 0 16 16" width="10" height="10" aria-hidden>
      <path d={props.isDown ? 'M4 6l4 5 4-5' : 'M4 10l4-5 4 5'} />
    </svg>
  );
}
