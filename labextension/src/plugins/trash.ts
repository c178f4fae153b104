import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, Notification, showDialog } from '@jupyterlab/apputils';

import { explain } from '../api/request';
import { CommandIDs } from '../commands';
import { ITracksideModel } from '../tokens';
import { RUN_ARGS, Target } from './target';

/** The commands that delete for ever. */
export const trashPlugin: JupyterFrontEndPlugin<void> = {
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

    const act = async (task: () => Promise<unknown>): Promise<void> => {
      try {
        await task();
        await model.refresh();
      } catch (error) {
        Notification.error(explain(error, trans), { autoClose: 10_000 });
      }
    };

    const isMeant = async (title: string, body: string): Promise<boolean> => {
      const { button } = await showDialog({
        title,
        body,
        buttons: [
          Dialog.cancelButton({ label: trans.__('Cancel') }),
          Dialog.warnButton({ label: trans.__('Delete for Ever') })
        ]
      });
      return button.accept;
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
        await act(async () => {
          const { info } = await model.trackingApi.run(id);
          const title = trans.__('Delete run %1 for ever?', info.run_name);
          const body = trans.__(
            'Its metrics, its files and its job are deleted. There is no way back.'
          );
          if (await isMeant(title, body)) {
            await model.jobsApi.purgeRuns([id]);
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
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () =>
        act(async () => {
          const { experiments, runs, models } = await model.jobsApi.trash();
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
          if (await isMeant(trans.__('Empty the trash?'), body)) {
            const { kept } = await model.jobsApi.emptyTrash();
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
