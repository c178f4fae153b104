import { caretDownIcon, type LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { CommandIDs } from '../../commands';
import { MenuButton } from '../../components/Popover';
import type { IRunContext } from './context';

/** What else can be done with a run, in groups. */
const GROUPS: readonly (readonly string[])[] = [
  [CommandIDs.openAsNotebook, CommandIDs.compareRuns],
  [CommandIDs.registerModel, CommandIDs.openTensorboard],
  [CommandIDs.renameRun, CommandIDs.copyRunId, CommandIDs.deleteRun]
];

/** A menu of the commands about the run; those whose room is absent are left out. */
export function MoreMenu(props: IRunContext): JSX.Element {
  const { run: document, commands } = props;
  const label = document.tracks.trans.__('More');
  const args = { run: document.runId };
  return (
    <MenuButton
      label={label}
      face={
        <>
          {label}
          <caretDownIcon.react tag={null} width="12px" height="12px" />
        </>
      }
      groups={() =>
        GROUPS.map(group =>
          group
            .filter(id => commands.hasCommand(id) && commands.isVisible(id, args))
            .map(id => ({
              label: commands.label(id, args),
              icon: commands.icon(id, args) as LabIcon.IMaybeResolvable,
              isDisabled: !commands.isEnabled(id, args),
              onChoose: () => void commands.execute(id, args)
            }))
        )
      }
    />
  );
}
