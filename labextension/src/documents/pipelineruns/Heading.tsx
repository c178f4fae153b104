import { caretDownIcon, caretUpIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IRunsQuestion } from '../../models/pipelineruns';
import type { RunsDocumentModel } from './model';

/** The headings of the list; those that the server can sort by are buttons. */
export function Heading(props: { document: RunsDocumentModel }): JSX.Element {
  const { runs, tracks } = props.document;
  const { trans } = tracks;
  const columns: [string, IRunsQuestion['order'] | null][] = [
    [trans.__('State'), 'state'],
    [trans.__('Name'), 'display_name'],
    [trans.__('Pipeline'), null],
    [trans.__('Experiment'), null],
    [trans.__('Begun'), 'created_at'],
    [trans.__('Took'), null]
  ];
  return (
    <div role="row" className="jp-TracksideRow jp-mod-header" aria-rowindex={1}>
      {columns.map(([label, order]) => (
        <Column key={label} label={label} order={order} {...{ runs, trans }} />
      ))}
      <span role="columnheader">
        <span className="jp-TracksideHidden">{trans.__('Actions')}</span>
      </span>
    </div>
  );
}

function Column(props: {
  label: string;
  order: IRunsQuestion['order'] | null;
  runs: RunsDocumentModel['runs'];
  trans: RunsDocumentModel['tracks']['trans'];
}): JSX.Element {
  const { label, order, runs, trans } = props;
  if (order === null) {
    return <span role="columnheader">{label}</span>;
  }
  const { asked } = runs;
  const isSorted = asked.order === order;
  const Caret = asked.isDescending ? caretDownIcon : caretUpIcon;
  return (
    <span
      role="columnheader"
      aria-sort={isSorted ? (asked.isDescending ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        title={trans.__('Sort by %1', label)}
        onClick={() =>
          runs.change({
            order,
            isDescending: isSorted ? !asked.isDescending : order === 'created_at'
          })
        }
      >
        <span>{label}</span>
        {isSorted && <Caret.react tag={null} width="12px" height="12px" aria-hidden />}
      </button>
    </span>
  );
}
