import { caretDownIcon } from '@jupyterlab/ui-components';
import { Menu } from '@lumino/widgets';
import * as React from 'react';

import { CommandIDs } from '../../commands';
import { Action } from '../../shared/Action';
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
  const { trans } = document.tracks;
  const host = React.useRef<HTMLSpanElement>(null);
  const menu = React.useRef<Menu | null>(null);
  const [isOpen, setOpen] = React.useState(false);
  React.useEffect(() => () => menu.current?.dispose(), []);
  const open = (): void => {
    menu.current?.dispose();
    const created = new Menu({ commands });
    menu.current = created;
    GROUPS.forEach((group, at) => {
      if (at > 0) {
        created.addItem({ type: 'separator' });
      }
      for (const command of group.filter(id => commands.hasCommand(id))) {
        created.addItem({ command, args: { run: document.runId } });
      }
    });
    created.aboutToClose.connect(() => {
      setOpen(false);
      // Unless what was chosen took the focus.
      requestAnimationFrame(() => {
        if (window.document.activeElement === window.document.body) {
          host.current?.querySelector('button')?.focus();
        }
      });
    });
    setOpen(true);
    const { left, bottom } = host.current!.getBoundingClientRect();
    created.open(left, bottom);
  };
  return (
    <span ref={host}>
      <Action
        label={trans.__('More')}
        icon={<caretDownIcon.react tag={null} width="12px" height="12px" />}
        menu
        expanded={isOpen}
        onClick={open}
      />
    </span>
  );
}
