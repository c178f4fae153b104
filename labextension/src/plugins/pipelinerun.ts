import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import type { MainAreaWidget } from '@jupyterlab/apputils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';

import { CommandIDs, DATA_PIPELINE_RUN, type IOpenPipelineRunArgs } from '../commands';
import type { PipelineContent } from '../documents/pipeline/widget';
import { act, attempt } from '../components/notices';
import { catchUp } from '../models/kfp';
import { fileName, saveFile } from '../shared/download';
import { ITracksideModel } from '../tokens';
import { OpenDocuments } from './opened';
import { Target, text } from './target';

const ARGS = {
  type: 'object',
  properties: {
    pipeline_run: {
      type: 'string',
      description: 'The id of the pipeline run; the one under the menu if absent.'
    }
  }
} as const;

/** Opens pipeline runs in the main area, stops them and goes on with them. */
export const pipelineRunPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:pipeline-runs',
  description:
    'Opens pipeline runs as documents in the main area, with commands to stop and retry them.',
  autoStart: true,
  requires: [IRenderMimeRegistry, ITracksideModel],
  optional: [ILabShell, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    tracks: ITracksideModel,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const { commands } = app;
    const { trans, pipelineRunsApi, pipelinesApi } = tracks;
    const documents = new OpenDocuments<PipelineContent>(app, labShell, restorer, {
      namespace: 'trackside-pipeline-run',
      command: CommandIDs.openPipelineRun,
      trans,
      keyOf: ({ document }) => document.runId,
      argsOf: ({ document }) => document.openArgs
    });
    const target = new Target(app, tracks);
    const runOf = (args: Record<string, unknown>): string | undefined =>
      target.named(args.pipeline_run, DATA_PIPELINE_RUN);
    const viewsOf = (id: string): Parameters<typeof act>[0] => ({
      trans,
      refresh: () => catchUp(tracks, id)
    });
    const isEnabled = (args: Record<string, unknown>): boolean => runOf(args) !== undefined;

    const create = async (args: IOpenPipelineRunArgs): Promise<MainAreaWidget<PipelineContent>> => {
      const { run_id: id } = args;
      // While the code comes; what is wrong with it is told by the document.
      const asked = Promise.all([pipelineRunsApi.tasks(id), pipelinesApi.run(id)]);
      asked.catch(() => undefined);
      const { createPipelineDocument, PipelineRunModel } = await import('../documents/pipeline');
      const document = new PipelineRunModel(tracks, args, asked);
      const widget = createPipelineDocument({ document, commands, rendermime });
      document.changed.connect(() => documents.save(widget));
      return widget;
    };

    commands.addCommand(CommandIDs.openPipelineRun, {
      label: trans.__('Open Pipeline Run'),
      caption: trans.__('Open the graph of the pipeline run in the main area'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            run_id: {
              type: 'string',
              description: 'The id of the pipeline run; the one under the menu if absent.'
            },
            name: { type: 'string', description: 'The name to show until the run is there.' },
            task: {
              type: 'string',
              description: 'The path of the task to show, such as “for-loop-1[3]/train”.'
            },
            task_id: {
              type: 'string',
              description: 'The id of the task to show, where its path is not known.'
            }
          }
        }
      },
      execute: async args => {
        const runId = target.named(args.run_id, DATA_PIPELINE_RUN);
        if (runId === undefined) {
          return undefined;
        }
        const task = text(args.task);
        const taskId = text(args.task_id);
        return documents.open(
          runId,
          () => create({ run_id: runId, name: text(args.name), task, task_id: taskId }),
          ({ document }) => {
            if (task !== undefined) {
              document.reveal(task);
            } else if (taskId !== undefined) {
              document.find(taskId);
            }
          }
        );
      }
    });

    commands.addCommand(CommandIDs.terminatePipelineRun, {
      label: trans.__('Terminate Pipeline Run'),
      caption: trans.__(
        'Stop the tasks of the pipeline run; exit tasks still run, unless it is stopped once more'
      ),
      describedBy: { args: ARGS },
      isEnabled,
      execute: async args => {
        const id = runOf(args)!;
        await act(viewsOf(id), () => pipelineRunsApi.terminate(id));
      }
    });

    commands.addCommand(CommandIDs.retryPipelineRun, {
      label: trans.__('Retry Pipeline Run'),
      caption: trans.__('Go on from what failed; what succeeded stays'),
      describedBy: { args: ARGS },
      isEnabled,
      execute: async args => {
        const id = runOf(args)!;
        await act(viewsOf(id), () => pipelineRunsApi.retry(id));
      }
    });

    commands.addCommand(CommandIDs.downloadPipeline, {
      label: trans.__('Download Compiled Pipeline'),
      caption: trans.__('Download the YAML of the pipeline run'),
      describedBy: { args: ARGS },
      isEnabled,
      execute: async args => {
        await attempt(trans, async () => {
          const run = await pipelinesApi.run(runOf(args)!);
          const spec = await pipelinesApi.specOf(run);
          if (!spec) {
            throw new Error(trans.__('What %1 ran is no longer there.', run.name));
          }
          const { toYaml } = await import('../pipelines/yaml');
          const file = new Blob([toYaml(spec)], { type: 'application/yaml' });
          saveFile(file, fileName(run.name, 'yaml'));
        });
      }
    });
  }
};
