import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

// Every other plugin waits for the model, so there is nothing to defer.
// eslint-disable-next-line jupyter/prefer-lazy-imports
import { TracksideModel } from '../models/model';
import { ITracksideModel } from '../tokens';

/** Keeps the jobs of the server true in the browser. The settings carry its id: no other works without it. */
export const modelPlugin: JupyterFrontEndPlugin<ITracksideModel> = {
  id: 'trackside:plugin',
  description: 'Keeps the jobs of the Trackside server true in the browser.',
  autoStart: true,
  provides: ITracksideModel,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null): ITracksideModel => {
    const { serverSettings, events } = app.serviceManager;
    const trans = (translator ?? nullTranslator).load('trackside');
    return new TracksideModel({ serverSettings, events, trans });
  }
};
