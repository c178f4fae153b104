import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { CommandToolbarButton, ICommandPalette, Toolbar } from '@jupyterlab/apputils';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { addIcon, deleteIcon, fileUploadIcon, refreshIcon } from '@jupyterlab/ui-components';
import { PromiseDelegate } from '@lumino/coreutils';

import { CommandIDs } from '../commands';
import type { IPanelContent } from '../panel/content';
import { tracksideIcon } from '../panel/icons';
import { TracksidePanel } from '../panel/panel';
import { ITracksideModel } from '../tokens';

/** Where the panel stands among those at the left. */
const RANK = 550;

const NO_ARGS = { args: { type: 'object', properties: {} } } as const;

/** The panel at the left. */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:panel',
  description: 'Adds the side panel with jobs and runs.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [ITranslator, ICommandPalette, ILayoutRestorer, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    model: ITracksideModel,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    stateDB: IStateDB | null
  ): void => {
    const { commands } = app;
    const { trans } = model;

    const content = new PromiseDelegate<IPanelContent>();
    const panel = new TracksidePanel({
      translator: translator ?? nullTranslator,
      trans,
      fill: () =>
        void import('../panel/content')
          .then(({ fillPanel }) => fillPanel(panel, model, commands, stateDB))
          .then(filled => content.resolve(filled))
          .catch(reason => content.reject(reason))
    });
    commands.addCommand(CommandIDs.showPanel, {
      label: trans.__('Show Jobs and Runs'),
      caption: trans.__('Show the Trackside panel'),
      icon: tracksideIcon,
      describedBy: NO_ARGS,
      execute: () => app.shell.activateById(panel.id)
    });
    commands.addCommand(CommandIDs.showRecurring, {
      label: trans.__('Show What Recurs'),
      caption: trans.__('Show the notebooks, scripts and pipelines that run again and again'),
      icon: tracksideIcon,
      describedBy: NO_ARGS,
      execute: async () => {
        app.shell.activateById(panel.id);
        (await content.promise).showRecurring();
      }
    });
    commands.addCommand(CommandIDs.refresh, {
      label: trans.__('Refresh Jobs and Runs'),
      caption: trans.__('Catch up with the server now'),
      icon: refreshIcon,
      describedBy: NO_ARGS,
      execute: () => model.refresh(true)
    });
    for (const command of [CommandIDs.showPanel, CommandIDs.showRecurring, CommandIDs.refresh]) {
      palette?.addItem({ command, category: trans.__('Trackside') });
    }

    panel.toolbar.addItem('spacer', Toolbar.createSpacerItem());
    panel.toolbar.addItem(
      'launch',
      new CommandToolbarButton({ commands, id: CommandIDs.launch, icon: addIcon, label: '' })
    );
    panel.toolbar.addItem(
      'import',
      new CommandToolbarButton({
        commands,
        id: CommandIDs.importMlflow,
        icon: fileUploadIcon,
        label: ''
      })
    );
    panel.toolbar.addItem(
      'trash',
      new CommandToolbarButton({ commands, id: CommandIDs.openTrash, icon: deleteIcon, label: '' })
    );
    panel.toolbar.addItem(
      'refresh',
      new CommandToolbarButton({ commands, id: CommandIDs.refresh, icon: refreshIcon, label: '' })
    );
    app.shell.add(panel, 'left', { rank: RANK, type: 'Trackside' });
    restorer?.add(panel, panel.id);
  }
};
