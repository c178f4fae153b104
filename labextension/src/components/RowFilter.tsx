import * as React from 'react';

/** From how many rows on there is something to search with. */
const MANY = 12;

/** The search box above a long table. */
export function RowFilter(props: {
  count: number;
  label: string;
  query: string;
  onQuery: (query: string) => void;
}): JSX.Element | null {
  const { count, label, query, onQuery } = props;
  return count > MANY ? (
    <input
      type="search"
      className="jp-TracksideFilter"
      placeholder={label}
      aria-label={label}
      value={query}
      onChange={event => onQuery(event.target.value)}
    />
  ) : null;
}
