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
  const jobs = recurring.items.filter(({ kind }) => kind === 'job');
  if (jobs.length === 0) {
    return null;
  }
  const due = jobs.flatMap(({ enabled, next_at: next }) => (enabled && next ? [next] : []));
  const isOff = jobs.every(({ enabled }) => !enabled);
  return (
    <button
      className="jp-TracksideLink"
      onClick={() => void commands.execute(CommandIDs.showRecurring)}
    >
      {due.length
        ? trans._n(
            '%1 recurs, next %2',
            '%1 recur, next %2',
            jobs.length,
            until(Math.min(...due), now, trans)
          )
        : isOff
          ? trans._n('%1 recurs, turned off', '%1 recur, all turned off', jobs.length)
          : trans._n('%1 recurs, no run is due', '%1 recur, no run is due', jobs.length)}
    </button>
  );
}
