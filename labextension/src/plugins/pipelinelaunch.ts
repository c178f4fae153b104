import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { runIcon } from '@jupyterlab/ui-components';

import { CommandIDs, DATA_PIPELINE, DATA_PIPELINE_RUN } from '../commands';
import { attempt, tellLate } from '../components/notices';
import { catchUp } from '../models/kfp';
import type { Started } from '../pipelines/launch/open';
import { ITracksideModel } from '../tokens';
import { PipelineFiles } from './pipelinefiles';
import { Target, text } from './target';

/** Everything that runs a pipeline by hand. */
export const pipelineLaunchPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:pipeline-launch',
  description: 'Adds the form that runs a pipeline, again or out of a file.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [IFileBrowserFactory, ICommandPalette, INotebookTracker],
  activate: (
    app: JupyterFrontEnd,
    tracks: ITracksideModel,
    fileBrowsers: IFileBrowserFactory | null,
    palette: ICommandPalette | null,
    notebooks: INotebookTracker | null
  ): void => {
    const { commands, serviceManager } = app;
    const { trans } = tracks;
    const target = new Target(app, tracks);

    const show = async (start: () => Promise<Started>): Promise<void> => {
      const answer = await attempt(trans, start);
      if (!answer) {
        return;
      }
      const { outcome: started, isLate } = answer;
      const isRun = 'run_id' in started;
      await catchUp(tracks, isRun ? started.run_id : started.recurring_id);
      const open = (): Promise<unknown> =>
        isRun
          ? commands.execute(CommandIDs.openPipelineRun, {
              run_id: started.run_id,
              name: started.name
            })
          : commands.execute(CommandIDs.showPanel);
      if (!isLate) {
        await open();
        return;
      }
      const sentence = isRun
        ? trans.__('%1 was started: it was on its way when the form was closed.', started.name)
        : trans.__('%1 recurs now: that was on its way when the form was closed.', started.name);
      tellLate(trans, sentence, open);
    };

    commands.addCommand(CommandIDs.runPipeline, {
      label: trans.__('Run Pipeline…'),
      caption: trans.__('Ask for the arguments of the pipeline and run it'),
      icon: runIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            pipeline: {
              type: 'string',
              description: 'The id of the pipeline; the one under the menu if absent.'
            },
            version: { type: 'string', description: 'The id of the version; the newest if absent.' }
          }
        }
      },
      isEnabled: args => target.named(args.pipeline, DATA_PIPELINE) !== undefined,
      execute: async args => {
        const id = target.named(args.pipeline, DATA_PIPELINE)!;
        const version = text(args.version);
        await show(async () => {
          const { contextOf, runUploaded } = await import('../pipelines/launch/open');
          return runUploaded(await contextOf(app, tracks, notebooks), id, version);
        });
      }
    });

    commands.addCommand(CommandIDs.clonePipelineRun, {
      label: trans.__('Run Again with Other Arguments…'),
      caption: trans.__('Ask for the arguments of the pipeline run and run it once more'),
      icon: runIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            pipeline_run: {
              type: 'string',
              description: 'The id of the pipeline run; the one under the menu if absent.'
            }
          }
        }
      },
      isEnabled: args => target.named(args.pipeline_run, DATA_PIPELINE_RUN) !== undefined,
      execute: async args => {
        const id = target.named(args.pipeline_run, DATA_PIPELINE_RUN)!;
        await show(async () => {
          const { contextOf, runOnceMore } = await import('../pipelines/launch/open');
          return runOnceMore(await contextOf(app, tracks, notebooks), id);
        });
      }
    });

    const files = new PipelineFiles(fileBrowsers);
    commands.addCommand(CommandIDs.runPipelineFile, {
      label: args =>
        args.isMenu ? trans.__('Run as Pipeline…') : trans.__('Run a Pipeline File…'),
      caption: trans.__('Run the compiled pipeline of a file'),
      icon: runIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            path: { type: 'string', description: 'The file; asked for if absent.' },
            isMenu: {
              type: 'boolean',
              description: 'Whether the file that is selected in the file browser is meant.'
            }
          }
        }
      },
      isVisible: args => !args.isMenu || files.selected.length === 1,
      execute: async args => {
        const path = await files.meant(args, trans.__('Run a compiled pipeline'));
        if (path) {
          await show(async () => {
            const { contextOf, runFile } = await import('../pipelines/launch/open');
            return runFile(await contextOf(app, tracks, notebooks), serviceManager.contents, path);
          });
        }
      }
    });
    palette?.addItem({ command: CommandIDs.runPipelineFile, category: trans.__('Trackside') });
  }
};
