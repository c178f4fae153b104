import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { fileUploadIcon } from '@jupyterlab/ui-components';

import { CommandIDs } from '../commands';
import { attempt, tellLate } from '../components/notices';
import { ITracksideModel } from '../tokens';
import { NO_ARGS } from './target';

/** The way in from MLflow. */
export const importsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:imports',
  description: 'Adds the dialog that imports what MLflow holds.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    model: ITracksideModel,
    palette: ICommandPalette | null
  ): void => {
    const { commands, serviceManager } = app;
    const { trans } = model;
    commands.addCommand(CommandIDs.importMlflow, {
      label: trans.__('Import from MLflow…'),
      caption: trans.__('Bring experiments, runs and models from a folder, a database or a server'),
      icon: fileUploadIcon,
      describedBy: NO_ARGS,
      execute: async () => {
        const [{ ImportsApi }, { openImportDialog }, { ImportModel }] = await Promise.all([
          import('../api/transfers'),
          import('../imports/dialog'),
          import('../imports/model')
        ]);
        const imports = new ImportsApi(serviceManager.serverSettings);
        const answer = await attempt(trans, () =>
          openImportDialog(new ImportModel(imports, trans, () => void model.refresh(true)))
        );
        if (answer) {
          tellLate(
            trans,
            trans.__(
              'The import from %1 goes on: it was on its way when the form was closed.',
              answer.outcome.source
            ),
            () => commands.execute(CommandIDs.importMlflow)
          );
        }
      }
    });
    palette?.addItem({ command: CommandIDs.importMlflow, category: trans.__('Trackside') });
  }
};
