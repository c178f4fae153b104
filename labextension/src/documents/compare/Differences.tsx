import * as React from 'react';

import { Action } from '../../shared/Action';
import { isSystem } from '../run/system';
import type { ICompareContext } from './context';
import { Ranking } from './Ranking';
import { type IValueGroup, type IValueRow, ValueTable } from './ValueTable';

/** The first tab: params, metrics, tags and data side by side. */
export function Differences(props: ICompareContext): JSX.Element {
  const { compare, comparison } = props;
  const { trans } = compare.tracks;
  return (
    <div className="jp-TracksideCompare-part">
      <Ranking {...props} />
      <FilteredValues
        {...props}
        label={trans.__('Params, metrics and tags')}
        groups={[
          {
            label: trans.__('Metrics'),
            rows: comparison.metrics.filter(({ key }) => !isSystem(key))
          },
          { label: trans.__('Params'), rows: comparison.params },
          { label: trans.__('Tags'), rows: comparison.tags },
          { label: trans.__('Data'), rows: comparison.datasets },
          {
            label: trans.__('What the machine measured'),
            rows: comparison.metrics.filter(({ key }) => isSystem(key)),
            isFolded: true
          }
        ]}
      />
    </div>
  );
}

/** A table of values with a search, that begins with what differs. */
export function FilteredValues(
  props: ICompareContext & { label: string; groups: readonly IValueGroup[] }
): JSX.Element {
  const { compare, label, groups } = props;
  const { trans } = compare.tracks;
  const [isAll, setAll] = React.useState(false);
  const [query, setQuery] = React.useState('');
  const wanted = query.trim().toLowerCase();
  const isWanted = (row: IValueRow): boolean =>
    (isAll || row.differs) &&
    (!wanted ||
      row.key.toLowerCase().includes(wanted) ||
      row.values.some(value =>
        String(value ?? '')
          .toLowerCase()
          .includes(wanted)
      ));
  const shown = groups.map(group => ({
    ...group,
    rows: group.rows.filter(isWanted),
    // What is searched for is shown.
    isFolded: group.isFolded && !wanted
  }));
  const total = count(groups);
  const found = count(shown);
  const same = total - groups.flatMap(({ rows }) => rows).filter(row => row.differs).length;
  return (
    <>
      <div className="jp-TracksideCompare-bar">
        <label>
          <input
            type="checkbox"
            checked={!isAll}
            onChange={event => setAll(!event.target.checked)}
          />
          {trans.__('Only what differs')}
        </label>
        <input
          type="search"
          className="jp-TracksideInput"
          placeholder={trans.__('Search names and values')}
          aria-label={trans.__('Search names and values')}
          value={query}
          onChange={event => setQuery(event.target.value)}
        />
        <span className="jp-TracksideCompare-dim" role="status">
          {trans.__('%1 of %2 rows', found, total)}
        </span>
      </div>
      {found > 0 ? (
        <ValueTable {...props} groups={shown} onlyDiffering={!isAll} label={label} />
      ) : (
        <p className="jp-TracksideDoc-note">
          {total === 0
            ? trans.__('Nothing was logged.')
            : wanted
              ? trans.__('Nothing that is shown has “%1” in it.', query.trim())
              : trans.__('All of it is the same in these runs.')}{' '}
          {!isAll && same > 0 && (
            <Action label={trans.__('Show what is the same, too')} onClick={() => setAll(true)} />
          )}
        </p>
      )}
    </>
  );
}

function count(groups: readonly IValueGroup[]): number {
  return groups.reduce((sum, { rows }) => sum + rows.length, 0);
}
