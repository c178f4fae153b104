import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { IRecurringRun } from '../../api/pipelinerecords';
import { CommandIDs, DATA_KEEPER, DATA_LAST_RUN, DATA_RECURRING } from '../../commands';
import { useSlowNow } from '../../components/hooks';
import type { PipelineLists } from '../../models/pipelineplaces';
import { Lines } from './Lines';
import { describeRecurring, RecurringLine } from './RecurringLine';

/** What recurs at a place: pipelines, and here notebooks and scripts too. */
export function RecurringList(props: {
  lists: PipelineLists;
  commands: CommandRegistry;
}): React.ReactElement {
  const { recurring } = props.lists;
  const { commands } = props;
  const { model, place } = recurring;
  const { trans, kfp } = model;
  const now = useSlowNow();
  const isThere = place === 'kfp';
  return (
    <Lines
      list={recurring}
      label={trans.__('Recurring runs')}
      describe={one => describeRecurring(one, now, trans)}
      renderRow={one => (
        <RecurringLine recurring={one} now={now} commands={commands} trans={trans} />
      )}
      attributes={one => ({
        [DATA_RECURRING]: one.recurring_id,
        [DATA_KEEPER]: keeperOf(one),
        [DATA_LAST_RUN]: one.last_run?.state ? one.last_run.id : undefined
      })}
      onOpen={({ recurring_id }) =>
        void commands.execute(CommandIDs.openRecurringRuns, { recurring_run: recurring_id })
      }
      onDelete={({ recurring_id }) =>
        void commands.execute(CommandIDs.deleteRecurringRun, { recurring_run: recurring_id })
      }
      footer={
        isThere ? undefined : (
          <p className="jp-TracksidePipelines-note">
            {trans.__(
              'They start while this Jupyter server runs. Without it: keep a notebook or script on its cluster, by its menu; send a pipeline to a KFP server.'
            )}
          </p>
        )
      }
      sentence={
        isThere
          ? trans.__(
              'Nothing recurs on %1 yet. Choose “Again and again” in the form that runs a pipeline of it.',
              kfp.status.host
            )
          : trans.__(
              'Nothing recurs yet. Choose “Schedule…” in the menu of a notebook or script in the file browser, or “Again and again” in the form that runs a pipeline.'
            )
      }
    />
  );
}

/** Who starts its runs, where one can choose. */
function keeperOf({ runner, cronjob }: IRecurringRun): 'server' | 'cluster' | undefined {
  if (cronjob) {
    return 'cluster';
  }
  return runner === 'cluster' ? 'server' : undefined;
}
