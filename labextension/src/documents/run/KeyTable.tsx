import * as React from 'react';

import { LongTable } from '../../components/LongTable';
import type { ITracksideModel } from '../../tokens';

/** Long values are cut, and shown whole on demand. */
const LONG = 300;

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
  return (
    <LongTable
      label={label}
      className="jp-mod-keys"
      rows={sorted}
      filter={trans.__('Filter %1 rows', rows.length)}
      textOf={([key, value]) => `${key} ${value}`}
      renderRow={([key, value]) => (
        <tr key={key}>
          <th scope="row" title={key}>
            {key}
          </th>
          <td>
            <LongText text={value} trans={trans} />
          </td>
        </tr>
      )}
      trans={trans}
    />
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
