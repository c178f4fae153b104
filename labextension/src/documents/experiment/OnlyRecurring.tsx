import * as React from 'react';

import { OnlyRuns } from '../../components/OnlyRuns';
import type { ITableContext } from './context';

/** The filter that asks for the runs of what recurs. */
const OF_RECURRING = /^tags\.`trackside\.recurring_run` = '([\w-]+)'$/;

/** Says whose runs are listed, where the filter asks for those of what recurs. */
export function OnlyRecurring({ table }: ITableContext): JSX.Element | null {
  const { recurringApi, trans } = table.tracks;
  const [, id] = OF_RECURRING.exec(table.view.filter) ?? [];
  const [name, setName] = React.useState('');
  React.useEffect(() => {
    let isMeant = true;
    setName('');
    if (id) {
      recurringApi.get(id).then(
        found => isMeant && setName(found.name),
        // It was deleted: its filter says enough.
        () => undefined
      );
    }
    return () => {
      isMeant = false;
    };
  }, [recurringApi, id]);
  return name ? (
    <OnlyRuns
      name={name}
      className="jp-TracksideTable-only"
      onAll={() => table.setView({ filter: '' })}
      trans={trans}
    />
  ) : null;
}
