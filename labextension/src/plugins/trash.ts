import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { deleteIcon } from '@jupyterlab/ui-components';

import type { TrashApi } from '../api/trash';
import { CommandIDs } from '../commands';
import { isMeantForEver } from '../components/forever';
import { act } from '../components/notices';
import type { TrashContent } from '../documents/trash/widget';
import { ITracksideModel } from '../tokens';
import { OpenDocuments } from './opened';
import { NO_ARGS, RUN_ARGS, Target } from './target';

/** Opens the trash in the main area. */
const documentPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:trash-document',
  description: 'Opens the trash in the main area and restores it after a reload.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    tracks: ITracksideModel,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const { commands } = app;
    const { trans } = tracks;
    const documents = new OpenDocuments<TrashContent>(app, labShell, restorer, {
      namespace: 'trackside-trash',
      command: CommandIDs.openTrash,
      trans,
      keyOf: () => 'trash'
    });

    commands.addCommand(CommandIDs.openTrash, {
      label: trans.__('Open Trash'),
      caption: trans.__('Show deleted experiments, runs and models'),
      icon: deleteIcon,
      describedBy: NO_ARGS,
      execute: () =>
        documents.open('trash', async () => {
          const { createTrashDocument } = await import('../documents/trash');
          return createTrashDocument(tracks, commands);
        })
    });
    palette?.addItem({ command: CommandIDs.openTrash, category: trans.__('Trackside') });
  }
};

/** The commands that delete for ever. */
const foreverPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:trash',
  description: 'Adds the commands that delete a run for ever and empty the trash.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    model: ITracksideModel,
    palette: ICommandPalette | null
  ): void => {
    const { commands } = app;
    const { trans } = model;
    const target = new Target(app, model);

    const api = async (): Promise<TrashApi> => {
      const { TrashApi: Api } = await import('../api/trash');
      return new Api(model.trackingApi.settings);
    };

    commands.addCommand(CommandIDs.purgeRun, {
      label: trans.__('Delete Run for Ever…'),
      caption: trans.__('Delete a run that is in the trash, with its files and its job'),
      describedBy: { args: RUN_ARGS },
      isEnabled: args => target.runId(args) !== undefined,
      execute: async args => {
        const id = target.runId(args);
        if (id === undefined) {
          return;
        }
        await act(model, async () => {
          const { info } = await model.trackingApi.run(id);
          const title = trans.__('Delete run %1 for ever?', info.run_name);
          const body = trans.__(
            'Its metrics, its files and its job are deleted. There is no way back.'
          );
          if (await isMeantForEver(trans, title, body)) {
            await (await api()).remove([{ kind: 'run', id }]);
            Notification.info(trans.__('Run %1 is deleted for ever.', info.run_name), {
              autoClose: 5000
            });
          }
        });
      }
    });

    commands.addCommand(CommandIDs.emptyTrash, {
      label: trans.__('Empty Trash…'),
      caption: trans.__('Delete for ever what is in the trash'),
      describedBy: NO_ARGS,
      execute: () =>
        act(model, async () => {
          const trash = await api();
          const { experiments, runs, models } = await trash.counts();
          if (!experiments && !runs && !models) {
            Notification.info(trans.__('The trash is empty.'), { autoClose: 5000 });
            return;
          }
          const body = trans.__(
            'Experiments: %1, runs: %2, logged models: %3, with their files and jobs. There is no way back.',
            experiments,
            runs,
            models
          );
          if (await isMeantForEver(trans, trans.__('Empty the trash?'), body)) {
            const { kept } = await trash.empty();
            const words = kept
              ? trans.__('The trash is emptied. Things that are kept: %1.', kept)
              : trans.__('The trash is emptied.');
            Notification.info(words, { autoClose: 8000 });
          }
        })
    });
    palette?.addItem({ command: CommandIDs.emptyTrash, category: trans.__('Trackside') });
  }
};

/** The plugins of this module. */
export const trashPlugins = [documentPlugin, foreverPlugin];
