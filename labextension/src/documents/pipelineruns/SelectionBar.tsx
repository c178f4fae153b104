import { closeIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { CommandIDs } from '../../commands';
import { IconButton } from '../../components/IconButton';
import { act } from '../../components/notices';
import { catchUp } from '../../models/kfp';
import { Action } from '../../shared/Action';
import type { RunsDocumentModel } from './model';

/** How many pipeline runs are compared at most. */
const MOST = 10;

/** What can be done with the selected runs. */
export function SelectionBar(props: {
  document: RunsDocumentModel;
  commands: CommandRegistry;
}): JSX.Element {
  const { document, commands } = props;
  const { selection, runs, live, tracks } = document;
  const { trans } = tracks;
  const ids = [...selection.ids];
  const views = { trans, refresh: () => catchUp(tracks, ids[0]) };
  const canCompare = ids.length > 1 && ids.length <= MOST;
  const tell = (command: string): Promise<unknown> =>
    commands.execute(command, { pipeline_runs: ids });
  // What could not be done can be tried again.
  const clearAfter = async (work: Promise<unknown>): Promise<void> => {
    if (await work) {
      selection.clear();
    }
  };
  return (
    <div className="jp-TracksidePipelineRuns-bar" role="group" aria-label={trans.__('Selection')}>
      <Action
        label={trans.__('Compare')}
        title={
          canCompare
            ? trans.__('Compare the selected pipeline runs')
            : trans.__('Two to %1 runs can be compared', MOST)
        }
        disabled={!canCompare}
        strong={canCompare}
        onClick={() => tell(CommandIDs.comparePipelineRuns)}
      />
      <Action
        label={trans.__('Stop')}
        title={trans.__('Stop those that have not ended; exit tasks still run')}
        disabled={live.length === 0}
        onClick={() =>
          act(views, () =>
            Promise.all(live.map(({ run_id }) => tracks.pipelineRunsApi.terminate(run_id)))
          )
        }
      />
      {runs.asked.archived ? (
        <>
          <Action
            label={trans.__('Take back')}
            onClick={() =>
              clearAfter(
                act(views, () => Promise.all(ids.map(id => tracks.pipelinesApi.archive(id, false))))
              )
            }
          />
          <Action
            label={trans.__('Delete for ever…')}
            onClick={() => clearAfter(tell(CommandIDs.deletePipelineRuns))}
          />
        </>
      ) : (
        <Action
          label={trans.__('Put away')}
          title={trans.__('Archive them: they are kept, and listed no longer')}
          onClick={() => clearAfter(tell(CommandIDs.archivePipelineRuns))}
        />
      )}
      <span role="status">{trans._n('%1 selected', '%1 selected', ids.length)}</span>
      <IconButton
        icon={closeIcon}
        label={trans.__('Clear the selection')}
        onClick={() => selection.clear()}
      />
    </div>
  );
}
