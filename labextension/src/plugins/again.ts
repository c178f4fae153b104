import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { runIcon } from '@jupyterlab/ui-components';

import type { IRun } from '../api/types';
import { CommandIDs } from '../commands';
import { attempt } from '../components/notices';
import { ITracksideModel } from '../tokens';
import { RUN_ARGS, Target } from './target';

/** What goes on from a run: it runs again, or its code is opened. */
export const againPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:again',
  description: 'Adds the commands that run a run again and open it as a notebook.',
  autoStart: true,
  requires: [ITracksideModel],
  activate: (app: JupyterFrontEnd, model: ITracksideModel): void => {
    const { commands, serviceManager } = app;
    const { trans, trackingApi } = model;
    const target = new Target(app, model);
    const isEnabled = (args: Parameters<Target['runId']>[0]): boolean =>
      target.runId(args) !== undefined;

    const withRun = async <T>(
      args: Parameters<Target['runId']>[0],
      work: (run: IRun) => Promise<T>
    ): Promise<T | undefined> => {
      const id = target.runId(args);
      return id === undefined
        ? undefined
        : attempt(trans, async () => work(await trackingApi.run(id)));
    };

    commands.addCommand(CommandIDs.runAgain, {
      label: trans.__('Run Again'),
      caption: trans.__('Start a new job with the same code, params and resources'),
      icon: runIcon,
      describedBy: { args: RUN_ARGS },
      isEnabled,
      execute: args =>
        withRun(args, async run => {
          const { jobBehind, runAgain } = await import('../again/runAgain');
          const job = await jobBehind(model, run);
          if (job) {
            return runAgain(model, run, job);
          }
          Notification.info(
            trans.__(
              'No job stands behind the run %1, so its code is not here to run again.',
              run.info.run_name
            ),
            {
              autoClose: 10_000,
              actions: [
                {
                  label: trans.__('Open as notebook'),
                  callback: () =>
                    void commands.execute(CommandIDs.openAsNotebook, { run: run.info.run_id })
                }
              ]
            }
          );
          return undefined;
        })
    });

    commands.addCommand(CommandIDs.openAsNotebook, {
      label: trans.__('Open as Notebook'),
      caption: trans.__('Make a new notebook of the code and the params of the run'),
      describedBy: { args: RUN_ARGS },
      isEnabled,
      execute: args =>
        withRun(args, async run => {
          const { makeNotebook } = await import('../again/openNotebook');
          const path = await makeNotebook(model, serviceManager.contents, run);
          if (path) {
            return commands.execute('docmanager:open', { path });
          }
          Notification.info(
            trans.__(
              'Nothing is known of the code of the run %1. It is kept of what runs as a job.',
              run.info.run_name
            ),
            { autoClose: 10_000 }
          );
          return undefined;
        })
    });
  }
};
