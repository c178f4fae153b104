import { caretDownIcon, caretUpIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Field, IOrder } from '../models/fields';
import { fieldLabel } from './fieldwords';

/** The headings of the table; each sorts by its column. */
export function RunsHeader(props: {
  columns: readonly Field[];
  order: IOrder;
  onOrder: (order: IOrder) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { columns, order, onOrder, trans } = props;
  const heading = (field: Field, className: string): React.ReactElement => {
    const isSorted = order.field === field;
    const Caret = order.descending ? caretDownIcon : caretUpIcon;
    return (
      <span
        key={field}
        role="columnheader"
        className={className}
        aria-sort={isSorted ? (order.descending ? 'descending' : 'ascending') : undefined}
      >
        <button
          type="button"
          title={trans.__('Sort by %1', fieldLabel(field, trans))}
          onClick={() =>
            onOrder({
              field,
              descending: isSorted ? !order.descending : field !== 'attributes.run_name'
            })
          }
        >
          <span>{fieldLabel(field, trans)}</span>
          {isSorted && <Caret.react tag={null} width="12px" height="12px" aria-hidden />}
        </button>
      </span>
    );
  };
  return (
    <div role="row" className="jp-TracksideRow jp-mod-header" aria-rowindex={1}>
      <span role="columnheader" className="jp-TracksideRow-state">
        <span className="jp-TracksideHidden">{trans.__('Colour')}</span>
      </span>
      {heading('attributes.run_name', 'jp-TracksideRow-name')}
      {columns.map(field => heading(field, 'jp-TracksideRow-value'))}
      {heading('attributes.start_time', 'jp-TracksideRow-when')}
    </div>
  );
}
