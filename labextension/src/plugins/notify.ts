import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import type { IJob } from '../api/types';
import { CommandIDs } from '../commands';
import { endedJustNow } from '../models/ended';
import { type IModelChange, ITracksideModel } from '../tokens';

const SETTINGS = 'trackside:plugin';

/** Says once that a long job has ended while nobody looked. */
export const notifyPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:notify',
  description: 'Tells when a long job has ended while its notebook was out of view.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [INotebookTracker, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    model: ITracksideModel,
    notebooks: INotebookTracker | null,
    settingRegistry: ISettingRegistry | null
  ): void => {
    const { trans } = model;
    let isWanted = true;
    let threshold = 60;
    void settingRegistry?.load(SETTINGS).then(settings => {
      const read = (): void => {
        isWanted = settings.get('notifications').composite !== false;
        threshold = Number(settings.get('notifyAfter').composite ?? 60);
      };
      settings.changed.connect(read);
      read();
    });

    const isInView = (job: IJob): boolean =>
      !document.hidden &&
      notebooks?.find(panel => panel.isVisible && panel.context.path === job.source?.notebook) !==
        undefined;

    const tell = (job: IJob): void => {
      const options = {
        autoClose: 10_000,
        actions: [
          {
            label: trans.__('Open'),
            callback: () =>
              void app.commands.execute(CommandIDs.openRun, {
                run_id: job.run_id,
                job_id: job.job_id,
                name: job.name
              })
          }
        ]
      };
      switch (job.state) {
        case 'SUCCEEDED':
          Notification.success(trans.__('%1 has succeeded.', job.name), options);
          break;
        case 'FAILED':
          Notification.error(
            trans.__('%1 has failed. %2', job.name, job.reason?.message ?? ''),
            options
          );
          break;
        default:
          Notification.info(
            trans.__('%1 was canceled. %2', job.name, job.reason?.message ?? ''),
            options
          );
      }
    };

    model.changed.connect((_: ITracksideModel, change: IModelChange) => {
      if (!isWanted) {
        return;
      }
      change.jobs
        .filter(job => endedJustNow(change.before.get(job.job_id), job, threshold * 1000))
        .filter(job => !isInView(job))
        .forEach(tell);
    });
  }
};
