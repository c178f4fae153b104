import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { listIcon } from '@jupyterlab/ui-components';

import { CommandIDs, DATA_PIPELINE, DATA_RECURRING, type IOpenPipelineRunsArgs } from '../commands';
import type { PipelineRunsContent } from '../documents/pipelineruns/widget';
import { ITracksideModel } from '../tokens';
import { OpenDocuments } from './opened';
import { Target } from './target';

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
      keyOf: () => 'runs',
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
            pipeline: { type: 'string', description: 'Only runs of the pipeline with this id.' },
            recurring_run: {
              type: 'string',
              description: 'Only runs of the recurring run with this id.'
            }
          }
        }
      },
      execute: async args => {
        const wanted: IOpenPipelineRunsArgs = {
          pipeline: text(args.pipeline) ?? target.underMenu(DATA_PIPELINE),
          recurring_run: text(args.recurring_run) ?? target.underMenu(DATA_RECURRING)
        };
        return documents.open(
          'runs',
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

/** The plugins of this module. */
export const pipelineDocumentPlugins = [listPlugin];

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value ? value : undefined;
}
