import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';

import { MIME_TYPE } from '../mime/mimetype';
import { TracksideOutput } from '../mime/renderer';
import { ITracksideModel } from '../tokens';

/** Before the widgets, which have 0: an output that holds both is drawn from the server. */
const RANK = -10;

/** Draws the outputs of jobs and runs. */
export const mimePlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:mime',
  description: 'Draws the live output of a job in a cell from the server.',
  autoStart: true,
  requires: [IRenderMimeRegistry, ITracksideModel],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    model: ITracksideModel
  ): void => {
    rendermime.addFactory(
      {
        // Ids only: there is nothing in it that could do harm.
        safe: true,
        mimeTypes: [MIME_TYPE],
        createRenderer: ({ sanitizer }) =>
          new TracksideOutput({ model, commands: app.commands, rendermime, sanitizer })
      },
      RANK
    );
  }
};

/** The plugins of this module. */
export const mimePlugins = [mimePlugin];
