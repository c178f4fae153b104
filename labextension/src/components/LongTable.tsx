import * as React from 'react';

import { Action } from '../shared/Action';
import type { ITrans } from '../shared/trans';
import { RowFilter } from './RowFilter';

/** How many rows are drawn at first. */
const FIRST = 100;

/** The rows to draw, so that a thousand cost what a hundred cost, and the button that draws more. */
export function useSteps<T>(
  rows: readonly T[],
  trans: ITrans,
  first = FIRST
): [shown: readonly T[], more: JSX.Element | null] {
  const [limit, setLimit] = React.useState(first);
  const left = rows.length - limit;
  const more =
    left > 0 ? (
      <Action label={trans.__('Show %1 more', left)} onClick={() => setLimit(limit + first * 5)} />
    ) : null;
  return [rows.slice(0, limit), more];
}

/** A table with a search box above it where it is long, of which only the first rows are drawn. */
export function LongTable<T>(props: {
  label: string;
  /** What its style is. */
  className: string;
  rows: readonly T[];
  /** What the search box says. */
  filter: string;
  /** What of a row is searched. */
  textOf: (row: T) => string;
  head?: React.ReactNode;
  renderRow: (row: T) => React.ReactNode;
  trans: ITrans;
}): JSX.Element {
  const { label, className, rows, filter, textOf, head, renderRow, trans } = props;
  const [query, setQuery] = React.useState('');
  const wanted = query.trim().toLowerCase();
  const found = wanted ? rows.filter(row => textOf(row).toLowerCase().includes(wanted)) : rows;
  const [shown, more] = useSteps(found, trans);
  return (
    <>
      <RowFilter count={rows.length} label={filter} query={query} onQuery={setQuery} />
      <table className={`jp-TracksideTable ${className}`} aria-label={label}>
        {head && <thead>{head}</thead>}
        <tbody>{shown.map(renderRow)}</tbody>
      </table>
      {more}
    </>
  );
}
