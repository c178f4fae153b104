import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, Dialog, showDialog } from '@jupyterlab/apputils';
import { copyIcon, fileIcon, runIcon, stopIcon } from '@jupyterlab/ui-components';

import { hasEnded, type IJob } from '../api/types';
import { CommandIDs } from '../commands';
import { attempt } from '../components/notices';
import { logIcon } from '../panel/icons';
import { ITracksideModel } from '../tokens';
import { JOB_ARGS, Target } from './target';

/** The commands about one job. */
export const jobsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:jobs',
  description: 'Adds the commands that stop a job, run it again, show its log and forget it.',
  autoStart: true,
  requires: [ITracksideModel],
  activate: (app: JupyterFrontEnd, model: ITracksideModel): void => {
    const { commands } = app;
    const { trans } = model;
    const target = new Target(app, model);

    const open = (job: IJob, tab?: string): Promise<unknown> =>
      commands.execute(CommandIDs.openRun, {
        run_id: job.run_id,
        job_id: job.job_id,
        name: job.name,
        ...(tab && { tab })
      });

    commands.addCommand(CommandIDs.showLog, {
      label: trans.__('Show Log'),
      caption: trans.__('Show what the job prints'),
      icon: logIcon,
      describedBy: { args: JOB_ARGS },
      isEnabled: args => target.job(args) !== undefined,
      execute: async args => {
        const job = target.job(args);
        return job && open(job, 'logs');
      }
    });

    commands.addCommand(CommandIDs.stopJob, {
      label: trans.__('Stop'),
      caption: trans.__('Ask the job to stop; it is killed when it does not'),
      icon: stopIcon,
      describedBy: { args: JOB_ARGS },
      isEnabled: args => {
        const job = target.job(args);
        return job !== undefined && !hasEnded(job);
      },
      execute: async args => {
        const job = target.job(args);
        if (job) {
          await attempt(trans, async () => model.merge(await model.jobsApi.cancel(job.job_id)));
        }
      }
    });

    commands.addCommand(CommandIDs.rerunJob, {
      label: trans.__('Run Again'),
      caption: trans.__('Start a new job with the same code, params and resources'),
      icon: runIcon,
      describedBy: { args: JOB_ARGS },
      isEnabled: args => target.job(args) !== undefined,
      execute: async args => {
        const job = target.job(args);
        return job && commands.execute(CommandIDs.runAgain, { run: job.run_id });
      }
    });

    commands.addCommand(CommandIDs.deleteJob, {
      label: trans.__('Delete Job…'),
      caption: trans.__('Forget an ended job and its log; its run stays'),
      describedBy: { args: JOB_ARGS },
      isEnabled: args => {
        const job = target.job(args);
        return job !== undefined && hasEnded(job);
      },
      execute: async args => {
        const job = target.job(args);
        if (!job || !hasEnded(job)) {
          return;
        }
        const { button } = await showDialog({
          title: trans.__('Delete job %1?', job.name),
          body: trans.__(
            'Its log and its snapshot are deleted for good. The run with its metrics stays.'
          ),
          buttons: [
            Dialog.cancelButton({ label: trans.__('Cancel') }),
            Dialog.warnButton({ label: trans.__('Delete') })
          ]
        });
        if (button.accept) {
          await attempt(trans, () => model.forgetJob(job.job_id));
        }
      }
    });

    commands.addCommand(CommandIDs.openSource, {
      label: trans.__('Open Source'),
      caption: trans.__('Open the notebook or script that the job came from'),
      icon: fileIcon,
      describedBy: { args: JOB_ARGS },
      isEnabled: args => sourcePath(target.job(args)) !== undefined,
      execute: async args => {
        const path = sourcePath(target.job(args));
        return path && commands.execute('docmanager:open', { path });
      }
    });

    commands.addCommand(CommandIDs.copyName, {
      label: trans.__('Copy Name'),
      caption: trans.__('Copy the name of the job'),
      icon: copyIcon,
      describedBy: { args: JOB_ARGS },
      isEnabled: args => target.job(args) !== undefined,
      execute: args => Clipboard.copyToSystem(target.job(args)?.name ?? '')
    });
  }
};

function sourcePath(job: IJob | undefined): string | undefined {
  return job?.source?.notebook ?? job?.source?.path ?? undefined;
}
