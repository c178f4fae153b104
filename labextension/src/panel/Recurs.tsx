import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { CommandIDs } from '../commands';
import { useSignal } from '../components/hooks';
import type { RecurringModel } from '../models/pipelines';
import { until } from '../pipelines/words';

/** Leads from the jobs to what starts some of them again and again; nothing where nothing recurs. */
export function Recurs(props: {
  recurring: RecurringModel;
  now: number;
  commands: CommandRegistry;
}): React.ReactElement | null {
  const { recurring, now, commands } = props;
  useSignal(recurring.changed);
  const { trans } = recurring.model;
  const { total = 0, enabled = 0, next_at: next = null } = recurring.jobs ?? {};
  if (total === 0) {
    return null;
  }
  return (
    <button
      className="jp-TracksideLink"
      onClick={() => void commands.execute(CommandIDs.showRecurring)}
    >
      {next !== null
        ? trans._n('%1 recurs, next %2', '%1 recur, next %2', total, until(next, now, trans))
        : enabled === 0
          ? trans._n('%1 recurs, turned off', '%1 recur, all turned off', total)
          : trans._n('%1 recurs, no run is due', '%1 recur, no run is due', total)}
    </button>
  );
}
