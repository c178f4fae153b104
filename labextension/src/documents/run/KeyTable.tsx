import * as React from 'react';

import { RowFilter } from '../../components/RowFilter';
import { Action } from '../../shared/Action';
import type { ITracksideModel } from '../../tokens';

/** How many rows are drawn at first and with each step. */
const STEP = 100;

/** Long values are cut, and shown whole on demand. */
const LONG = 300;

/** Filters and cuts a list, so that a thousand rows cost what a hundred cost. */
export function useRows<T>(
  rows: readonly T[],
  textOf: (row: T) => string
): {
  shown: readonly T[];
  left: number;
  query: string;
  setQuery: (query: string) => void;
  showMore: () => void;
} {
  const [query, setQuery] = React.useState('');
  const [limit, setLimit] = React.useState(STEP);
  const wanted = query.trim().toLowerCase();
  const found = wanted ? rows.filter(row => textOf(row).toLowerCase().includes(wanted)) : rows;
  return {
    shown: found.slice(0, limit),
    left: Math.max(0, found.length - limit),
    query,
    setQuery,
    showMore: () => setLimit(limit + STEP * 5)
  };
}

/** Keys and values. */
export function KeyTable(props: {
  rows: readonly (readonly [string, string])[];
  label: string;
  trans: ITracksideModel['trans'];
}): JSX.Element {
  const { rows, label, trans } = props;
  const sorted = React.useMemo(
    () => [...rows].sort(([one], [two]) => one.localeCompare(two)),
    [rows]
  );
  const view = useRows(sorted, ([key, value]) => `${key} ${value}`);
  return (
    <>
      <RowFilter
        count={rows.length}
        label={trans.__('Filter %1 rows', rows.length)}
        query={view.query}
        onQuery={view.setQuery}
      />
      <table className="jp-TracksideTable jp-mod-keys" aria-label={label}>
        <tbody>
          {view.shown.map(([key, value]) => (
            <tr key={key}>
              <th scope="row" title={key}>
                {key}
              </th>
              <td>
                <LongText text={value} trans={trans} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {view.left > 0 && (
        <Action label={trans.__('Show %1 more', view.left)} onClick={view.showMore} />
      )}
    </>
  );
}

function LongText(props: { text: string; trans: ITracksideModel['trans'] }): JSX.Element {
  const { text, trans } = props;
  const [isWhole, setWhole] = React.useState(false);
  if (text.length <= LONG || isWhole) {
    return <>{text}</>;
  }
  return (
    <>
      {text.slice(0, LONG)}…{' '}
      <button type="button" className="jp-TracksideLink" onClick={() => setWhole(true)}>
        {trans.__('Show all')}
      </button>
    </>
  );
}
