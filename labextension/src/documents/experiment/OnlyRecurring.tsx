import * as React from 'react';

import { Action } from '../../shared/Action';
import type { ITableContext } from './context';

/** The filter that asks for the runs of what recurs. */
const OF_RECURRING = /^tags\.`trackside\.recurring_run` = '([\w-]+)'$/;

/** Says in words that only the runs of what recurs are listed, and leads back to all. */
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
    <p className="jp-TracksideTable-only">
      {trans.__('Only those that “%1” started.', name)}{' '}
      <Action label={trans.__('Show all')} onClick={() => table.setView({ filter: '' })} />
    </p>
  ) : null;
}
