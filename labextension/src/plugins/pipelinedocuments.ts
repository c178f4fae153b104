import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { listIcon } from '@jupyterlab/ui-components';

import { placeOf } from '../api/pipelineplace';
import {
  CommandIDs,
  DATA_PIPELINE,
  DATA_PIPELINE_RUN,
  DATA_RECURRING,
  type IOpenPipelineRunsArgs
} from '../commands';
import type { PipelineCompareContent } from '../documents/pipelinecompare/widget';
import type { PipelineRunsContent } from '../documents/pipelineruns/widget';
import type { PipelineDocumentContent } from '../documents/pipelineversions/widget';
import { pipelineIcon } from '../documents/pipeline/icon';
import { compareIcon } from '../documents/compare/icon';
import { attempt } from '../components/notices';
import { ITracksideModel } from '../tokens';
import { OpenDocuments } from './opened';
import { Target, text } from './target';

/** The list of all pipeline runs. */
const listPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:pipeline-list',
  description: 'Opens the list of pipeline runs in the main area and restores it after a reload.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    tracks: ITracksideModel,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const { commands } = app;
    const { trans } = tracks;
    const target = new Target(app, tracks);
    const documents = new OpenDocuments<PipelineRunsContent>(app, labShell, restorer, {
      namespace: 'trackside-pipeline-list',
      command: CommandIDs.openPipelineRuns,
      trans,
      keyOf: ({ document }) => document.place,
      argsOf: ({ document }) => document.openArgs
    });
    commands.addCommand(CommandIDs.openPipelineRuns, {
      label: trans.__('Open Pipeline Runs'),
      caption: trans.__('Open pipeline runs as a list'),
      icon: listIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            place: {
              type: 'string',
              enum: ['here', 'kfp'],
              description: 'Where they are: here, or on the server of Kubeflow Pipelines.'
            },
            pipeline: { type: 'string', description: 'Only runs of the pipeline with this id.' },
            recurring_run: {
              type: 'string',
              description: 'Only runs of the recurring run with this id.'
            }
          }
        }
      },
      execute: async args => {
        const pipeline = target.named(args.pipeline, DATA_PIPELINE);
        const recurring = target.named(args.recurring_run, DATA_RECURRING);
        const place = args.place === 'kfp' ? 'kfp' : placeOf(pipeline ?? recurring ?? '');
        const wanted: IOpenPipelineRunsArgs = { place, pipeline, recurring_run: recurring };
        return documents.open(
          place,
          async () => {
            const { createPipelineRunsDocument, RunsDocumentModel } =
              await import('../documents/pipelineruns');
            const document = new RunsDocumentModel(tracks, wanted);
            const widget = createPipelineRunsDocument(document, commands);
            document.runs.changed.connect(() => documents.save(widget));
            return widget;
          },
          ({ document }) => document.show(wanted)
        );
      }
    });
    palette?.addItem({ command: CommandIDs.openPipelineRuns, category: trans.__('Trackside') });
  }
};

/** Pipelines that were uploaded. */
const pipelinePlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:pipeline-document',
  description: 'Opens pipelines with their versions in the main area and restores them.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [ILabShell, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    tracks: ITracksideModel,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const { commands } = app;
    const { trans } = tracks;
    const target = new Target(app, tracks);
    const documents = new OpenDocuments<PipelineDocumentContent>(app, labShell, restorer, {
      namespace: 'trackside-pipeline',
      command: CommandIDs.openPipeline,
      trans,
      keyOf: ({ document }) => document.pipelineId,
      argsOf: ({ document }) => document.openArgs
    });
    const idOf = (args: Record<string, unknown>): string | undefined =>
      target.named(args.pipeline, DATA_PIPELINE);
    commands.addCommand(CommandIDs.openPipeline, {
      label: trans.__('Open Pipeline'),
      caption: trans.__('Open the pipeline with its versions in the main area'),
      icon: pipelineIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            pipeline: {
              type: 'string',
              description: 'The id of the pipeline; the one under the menu if absent.'
            },
            name: { type: 'string', description: 'The name to show until the pipeline is there.' },
            version: { type: 'string', description: 'The id of the version to show.' }
          }
        }
      },
      isEnabled: args => idOf(args) !== undefined,
      execute: async args => {
        const pipeline = idOf(args)!;
        const version = text(args.version);
        return documents.open(
          pipeline,
          async () => {
            const { createPipelineDocument, PipelineDocumentModel } =
              await import('../documents/pipelineversions');
            const document = new PipelineDocumentModel(tracks, {
              pipeline,
              version,
              name: text(args.name)
            });
            const widget = createPipelineDocument(document, commands);
            document.changed.connect(() => documents.save(widget));
            return widget;
          },
          ({ document }) => version !== undefined && document.choose(version)
        );
      }
    });
  }
};

/** Comparisons of pipeline runs. */
const comparePlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:pipeline-compare',
  description: 'Compares pipeline runs in the main area and restores comparisons after a reload.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [ILabShell, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    tracks: ITracksideModel,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const { commands } = app;
    const { trans } = tracks;
    const target = new Target(app, tracks);
    const documents = new OpenDocuments<PipelineCompareContent>(app, labShell, restorer, {
      namespace: 'trackside-pipeline-compare',
      command: CommandIDs.comparePipelineRuns,
      trans,
      keyOf: ({ document }) => document.runIds.join(),
      argsOf: ({ document }) => ({ pipeline_runs: [...document.runIds] })
    });
    const named = (args: Record<string, unknown>): string[] =>
      Array.isArray(args.pipeline_runs)
        ? args.pipeline_runs.filter((id): id is string => typeof id === 'string')
        : [];
    commands.addCommand(CommandIDs.comparePipelineRuns, {
      label: args =>
        named(args).length > 1
          ? trans.__('Compare Pipeline Runs')
          : trans.__('Compare with the Run Before'),
      caption: trans.__('Show arguments, metrics and artifacts of pipeline runs side by side'),
      icon: compareIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            pipeline_runs: {
              type: 'array',
              items: { type: 'string' },
              description:
                'The ids of the pipeline runs; with one, it is compared with the one before.'
            }
          }
        }
      },
      isEnabled: args =>
        named(args).length > 0 || target.underMenu(DATA_PIPELINE_RUN) !== undefined,
      execute: async args => {
        const ids = named(args);
        const single = ids[0] ?? target.underMenu(DATA_PIPELINE_RUN);
        const runIds = ids.length > 1 ? ids : await attempt(trans, () => withBefore(single));
        if (!runIds) {
          return undefined;
        }
        return documents.open(runIds.join(), async () => {
          const { createPipelineCompareDocument, PipelineCompareModel } =
            await import('../documents/pipelinecompare');
          return createPipelineCompareDocument(new PipelineCompareModel(tracks, runIds), commands);
        });
      }
    });

    /** The run, and the one of the same pipeline before it. */
    async function withBefore(id: string): Promise<string[]> {
      const { pipelinesApi } = tracks;
      const run = await pipelinesApi.run(id);
      const { items } = await pipelinesApi.runs({
        place: placeOf(id),
        experiment_id: run.experiment_id,
        sort_by: 'created_at desc',
        page_size: 200
      });
      const before = items.find(
        one =>
          one.created_at < run.created_at &&
          one.pipeline === run.pipeline &&
          one.pipeline_id === run.pipeline_id
      );
      if (!before) {
        throw new Error(
          trans.__('There is no earlier run of this pipeline. Select two in the list of all runs.')
        );
      }
      return [before.run_id, id];
    }
  }
};

/** The plugins of this module. */
export const pipelineDocumentPlugins = [listPlugin, pipelinePlugin, comparePlugin];
