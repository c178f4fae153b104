import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, InputDialog } from '@jupyterlab/apputils';
import { copyIcon, editIcon } from '@jupyterlab/ui-components';

import { CommandIDs } from '../commands';
import { act, offerUndo } from '../components/notices';
import { ITracksideModel } from '../tokens';
import { RUN_ARGS, Target } from './target';

/** The commands about one run. */
export const runsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:runs',
  description: 'Adds the commands that rename a run, delete it and copy its id.',
  autoStart: true,
  requires: [ITracksideModel],
  activate: (app: JupyterFrontEnd, model: ITracksideModel): void => {
    const { commands } = app;
    const { trans, trackingApi } = model;
    const target = new Target(app, model);
    const isEnabled = (args: Parameters<Target['runId']>[0]): boolean =>
      target.runId(args) !== undefined;

    commands.addCommand(CommandIDs.copyRunId, {
      label: trans.__('Copy Run ID'),
      caption: trans.__('Copy the id by which MLflow knows the run'),
      icon: copyIcon,
      describedBy: { args: RUN_ARGS },
      isEnabled,
      execute: args => Clipboard.copyToSystem(target.runId(args) ?? '')
    });

    commands.addCommand(CommandIDs.renameRun, {
      label: trans.__('Rename Run…'),
      caption: trans.__('Give the run another name'),
      icon: editIcon,
      describedBy: { args: RUN_ARGS },
      isEnabled,
      execute: async args => {
        const id = target.runId(args);
        if (id === undefined) {
          return;
        }
        await act(model, async () => {
          const { info } = await trackingApi.run(id);
          const { value } = await InputDialog.getText({
            title: trans.__('Rename run'),
            text: info.run_name,
            okLabel: trans.__('Rename')
          });
          if (value && value !== info.run_name) {
            await trackingApi.rename(id, value);
          }
        });
      }
    });

    commands.addCommand(CommandIDs.deleteRun, {
      label: trans.__('Delete Run'),
      caption: trans.__('Move the run to the trash'),
      describedBy: { args: RUN_ARGS },
      isEnabled,
      execute: async args => {
        const id = target.runId(args);
        if (id === undefined) {
          return;
        }
        await act(model, async () => {
          const { info } = await trackingApi.run(id);
          await trackingApi.remove(id);
          offerUndo(trans, trans.__('Run %1 is in the trash.', info.run_name), () =>
            act(model, () => trackingApi.restore(id))
          );
        });
      }
    });
  }
};
