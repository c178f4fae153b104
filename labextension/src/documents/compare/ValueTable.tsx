import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useSteps } from '../../components/LongTable';
import { Swatch } from '../../shared/chart/Swatch';
import { number } from '../../shared/format';
import type { ICompareContext } from './context';
import { bestIcon } from './icon';

/** How the sign of what is folded is drawn. */
const CARET = { tag: null, width: '14px', height: '14px', 'aria-hidden': true } as const;

/** A row of values, one of each run. */
export interface IValueRow {
  key: string;
  values: readonly (string | number | null)[];
  differs: boolean;
  /** The place of the best one. */
  best?: number | null;
}

/** Rows under a name. */
export interface IValueGroup {
  label: string;
  rows: readonly IValueRow[];
  /** Whether it is folded until somebody unfolds it. */
  isFolded?: boolean;
}

/** Runs as columns, what was logged as rows; the first column stays in view. */
export function ValueTable(
  props: ICompareContext & { label: string; groups: readonly IValueGroup[]; onlyDiffering: boolean }
): JSX.Element {
  const { compare, comparison, looks, label, groups, onlyDiffering } = props;
  const { trans } = compare.tracks;
  return (
    <div className="jp-TracksideCompare-scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="jp-TracksideCompare-table" aria-label={label}>
        <thead>
          <tr>
            <td />
            {comparison.runs.map(run => (
              <th key={run.run_id} scope="col" title={run.run_name}>
                <span>
                  <Swatch look={looks.get(run.run_id)!} />
                  <bdi>{run.run_name}</bdi>
                </span>
              </th>
            ))}
          </tr>
        </thead>
        {groups.map(group => (
          <ValueGroup key={group.label} {...group} {...{ trans, onlyDiffering }} />
        ))}
      </table>
    </div>
  );
}

/** Rows under a name, as a part of a table. */
export function ValueGroup(
  props: IValueGroup & {
    trans: ICompareContext['compare']['tracks']['trans'];
    onlyDiffering: boolean;
  }
): JSX.Element | null {
  const { label, rows, trans, onlyDiffering, isFolded = false } = props;
  const [isOpen, setOpen] = React.useState(false);
  const [shown, more] = useSteps(isFolded && !isOpen ? [] : rows, trans);
  if (rows.length === 0) {
    return null;
  }
  const columns = rows[0].values.length + 1;
  return (
    <tbody>
      <tr className="jp-mod-group">
        <th scope="rowgroup" colSpan={columns}>
          {isFolded ? (
            <button
              type="button"
              className="jp-TracksideLink"
              aria-expanded={isOpen}
              onClick={() => setOpen(!isOpen)}
            >
              {isOpen ? <caretDownIcon.react {...CARET} /> : <caretRightIcon.react {...CARET} />}
              {trans._n('%2: %1 row', '%2: %1 rows', rows.length, label)}
            </button>
          ) : (
            <span>{label}</span>
          )}
        </th>
      </tr>
      {shown.map(row => (
        <tr key={row.key} className={row.differs && !onlyDiffering ? 'jp-mod-differs' : undefined}>
          <th scope="row" title={row.key}>
            <bdi>{row.key}</bdi>
            {row.differs && !onlyDiffering && (
              <span className="jp-TracksideCompare-mark" title={trans.__('differs')}>
                <span aria-hidden>≠</span>
                <span className="jp-TracksideHidden">{trans.__('differs')}</span>
              </span>
            )}
          </th>
          {row.values.map((value, at) => (
            <Value key={at} value={value} isBest={row.best === at} trans={trans} />
          ))}
        </tr>
      ))}
      {more && (
        <tr className="jp-mod-more">
          <td colSpan={columns}>{more}</td>
        </tr>
      )}
    </tbody>
  );
}

function Value(props: {
  value: string | number | null;
  isBest: boolean;
  trans: ICompareContext['compare']['tracks']['trans'];
}): JSX.Element {
  const { value, isBest, trans } = props;
  if (value === null) {
    return (
      <td className="jp-mod-none">
        <span aria-hidden>–</span>
        <span className="jp-TracksideHidden">{trans.__('none')}</span>
      </td>
    );
  }
  return (
    <td className={isBest ? 'jp-mod-best' : undefined} title={String(value)}>
      <span>
        {typeof value === 'number' ? number(value) : value}
        {isBest && (
          <>
            <bestIcon.react tag={null} width="12px" height="12px" aria-hidden />
            <span className="jp-TracksideHidden">{trans.__('the best')}</span>
          </>
        )}
      </span>
    </td>
  );
}
