import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { addIcon } from '@jupyterlab/ui-components';

import { CommandIDs } from '../commands';
import type { IWhen } from '../launch/when';
import { tracksideIcon } from '../panel/icons';
import { kindOf } from '../paths';
import { ITracksideModel } from '../tokens';

const NO_ARGS = { args: { type: 'object', properties: {} } } as const;

/** Everything that starts a job by hand. */
export const launchPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:launch',
  description: 'Adds the dialog that trains a notebook, a cell or a script.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [INotebookTracker, IFileBrowserFactory, ICommandPalette, ILauncher, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    model: ITracksideModel,
    notebooks: INotebookTracker | null,
    fileBrowsers: IFileBrowserFactory | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    stateDB: IStateDB | null
  ): void => {
    const { commands } = app;
    const { trans } = model;

    const launchPath = async (path: string | null, when?: Partial<IWhen>): Promise<void> => {
      const { launchFile } = await import('../launch/open');
      await launchFile({ app, model, stateDB, path, when, suggestions: selectedPaths() });
    };

    const selectedPaths = (): string[] =>
      [...(fileBrowsers?.tracker.currentWidget?.selectedItems() ?? [])]
        .map(item => item.path)
        .filter(path => kindOf(path) !== null);

    commands.addCommand(CommandIDs.launch, {
      label: args => (args.isLauncher ? trans.__('Training Job') : trans.__('Train…')),
      caption: trans.__('Train a notebook or a script as a job'),
      icon: args => (args.isLauncher ? tracksideIcon : addIcon),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            path: { type: 'string', description: 'The notebook or script; asked for if absent.' },
            isLauncher: { type: 'boolean', description: 'Whether the launcher shows it.' }
          }
        }
      },
      execute: async args => {
        await launchPath(typeof args.path === 'string' ? args.path : null);
      }
    });

    commands.addCommand(CommandIDs.trainNotebook, {
      label: trans.__('Train this notebook…'),
      caption: trans.__('Train this notebook as a job'),
      icon: tracksideIcon,
      describedBy: NO_ARGS,
      isEnabled: () => Boolean(notebooks?.currentWidget),
      execute: async () => {
        const panel = notebooks?.currentWidget;
        if (panel) {
          await launchPath(panel.context.path);
        }
      }
    });

    commands.addCommand(CommandIDs.trainCell, {
      label: trans.__('Train this cell…'),
      caption: trans.__('Train this cell as a job'),
      icon: tracksideIcon,
      describedBy: NO_ARGS,
      isEnabled: () => notebooks?.activeCell?.model.type === 'code',
      execute: async () => {
        const panel = notebooks?.currentWidget;
        const cell = notebooks?.activeCell;
        if (panel && cell?.model.type === 'code') {
          const { launchCell } = await import('../launch/open');
          await launchCell({ app, model, stateDB, panel, cell });
        }
      }
    });

    commands.addCommand(CommandIDs.trainFile, {
      label: trans.__('Train…'),
      caption: trans.__('Train the selected notebook or script as a job'),
      icon: tracksideIcon,
      describedBy: NO_ARGS,
      isVisible: () => selectedPaths().length === 1,
      execute: async () => {
        const [path] = selectedPaths();
        if (path !== undefined) {
          await launchPath(path);
        }
      }
    });

    commands.addCommand(CommandIDs.scheduleFile, {
      label: trans.__('Schedule…'),
      caption: trans.__('Train the selected notebook or script again and again'),
      icon: tracksideIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            path: {
              type: 'string',
              description: 'The notebook or script; the one that is selected if absent.'
            }
          }
        }
      },
      isVisible: args => typeof args.path === 'string' || selectedPaths().length === 1,
      execute: async args => {
        const path = typeof args.path === 'string' ? args.path : selectedPaths()[0];
        if (path !== undefined) {
          await launchPath(path, { when: 'cron' });
        }
      }
    });

    for (const command of [CommandIDs.launch, CommandIDs.trainNotebook, CommandIDs.trainCell]) {
      palette?.addItem({ command, category: trans.__('Trackside') });
    }
    launcher?.add({
      command: CommandIDs.launch,
      args: { isLauncher: true },
      category: trans.__('Other'),
      rank: 10
    });
    notebooks?.activeCellChanged.connect(() => {
      commands.notifyCommandChanged(CommandIDs.trainNotebook);
      commands.notifyCommandChanged(CommandIDs.trainCell);
    });
  }
};
