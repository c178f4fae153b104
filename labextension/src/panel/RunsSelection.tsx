import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { FEWEST, MOST } from '../api/compare';
import { CommandIDs } from '../commands';
import { IconButton } from '../components/IconButton';
import type { Selection } from '../models/selection';
import { Action } from '../shared/Action';

/** What can be done with the selected runs. */
export function RunsSelection(props: {
  selection: Selection;
  commands: CommandRegistry;
  trans: TranslationBundle;
}): React.ReactElement {
  const { selection, commands, trans } = props;
  const ids = [...selection.ids];
  const canCompare = ids.length >= FEWEST && ids.length <= MOST;
  return (
    <div className="jp-TracksideRuns-selection" role="group" aria-label={trans.__('Selection')}>
      <span role="status">{trans._n('%1 selected', '%1 selected', ids.length)}</span>
      <Action
        label={trans.__('Compare')}
        title={
          canCompare
            ? trans.__('Compare the selected runs')
            : trans.__('Two to %1 runs can be compared', MOST)
        }
        disabled={!canCompare}
        onClick={() => commands.execute(CommandIDs.compareRuns, { run_ids: ids })}
      />
      <Action
        label={trans.__('Tag…')}
        title={trans.__('Tag the selected runs')}
        onClick={() => commands.execute(CommandIDs.tagRuns, { run_ids: ids })}
      />
      <Action
        label={trans.__('Delete')}
        title={trans.__('Delete the selected runs')}
        onClick={() => deleteSelected(selection, commands)}
      />
      <IconButton
        icon={closeIcon}
        label={trans.__('Clear the selection')}
        onClick={() => selection.clear()}
      />
    </div>
  );
}

/** Move the selected runs to the trash. */
export async function deleteSelected(
  selection: Selection,
  commands: CommandRegistry
): Promise<void> {
  const isDone: unknown = await commands.execute(CommandIDs.deleteRuns, {
    run_ids: [...selection.ids]
  });
  if (isDone === true) {
    selection.clear();
  }
}
