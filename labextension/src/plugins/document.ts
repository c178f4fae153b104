import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import type { MainAreaWidget } from '@jupyterlab/apputils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { IStateDB } from '@jupyterlab/statedb';

import type { ChartPrefs } from '../charts/prefs';
import { CommandIDs, type IOpenRunArgs, type RunTab } from '../commands';
import type { RunContent } from '../documents/run/widget';
import { ITracksideModel } from '../tokens';
import { OpenDocuments } from './opened';
import { Target, text } from './target';

const TABS: readonly RunTab[] = [
  'overview',
  'charts',
  'system',
  'logs',
  'artifacts',
  'code',
  'environment'
];

/** Opens runs in the main area. */
export const documentPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:documents',
  description: 'Opens runs as documents in the main area and restores them after a reload.',
  autoStart: true,
  requires: [IRenderMimeRegistry, ITracksideModel],
  optional: [ILabShell, ILayoutRestorer, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    model: ITracksideModel,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    state: IStateDB | null
  ): void => {
    const { commands } = app;
    const { trans } = model;
    const documents = new OpenDocuments<RunContent>(app, labShell, restorer, {
      namespace: 'trackside-run',
      command: CommandIDs.openRun,
      trans,
      keyOf: ({ document }) => document.runId,
      argsOf: ({ document }) => document.openArgs
    });
    const target = new Target(app, model);
    let prefs: ChartPrefs | undefined;
    let systemPrefs: ChartPrefs | undefined;

    const create = async (args: IOpenRunArgs): Promise<MainAreaWidget<RunContent>> => {
      const { createRunDocument, RunModel, ChartPrefs } = await import('../documents/run');
      prefs ??= new ChartPrefs(state);
      systemPrefs ??= ChartPrefs.forSystem(state);
      const run = new RunModel(model, args);
      const widget = createRunDocument({ run, commands, rendermime, prefs, systemPrefs });
      run.changed.connect(() => documents.save(widget));
      return widget;
    };

    commands.addCommand(CommandIDs.openRun, {
      label: trans.__('Open Run'),
      caption: trans.__('Open the run in the main area'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            run_id: {
              type: 'string',
              description: 'The id of the run; the one under the menu if absent.'
            },
            job_id: { type: 'string', description: 'The id of its job, when it is known.' },
            name: { type: 'string', description: 'The name to show until the run is there.' },
            tab: {
              type: 'string',
              enum: [...TABS],
              description: 'The tab to show.'
            }
          }
        }
      },
      execute: async args => {
        const wanted = readArgs(args) ?? readArgs({ run_id: target.runId(args) });
        if (!wanted) {
          return undefined;
        }
        return documents.open(
          wanted.run_id,
          () => create(wanted),
          ({ document }) => (document.tab = wanted.tab ?? document.tab)
        );
      }
    });
  }
};

/** The plugins of this module. */
export const documentPlugins = [documentPlugin];

function readArgs(args: Record<string, unknown>): IOpenRunArgs | null {
  const runId = text(args.run_id);
  return runId
    ? {
        run_id: runId,
        job_id: text(args.job_id),
        name: text(args.name),
        tab: TABS.find(tab => tab === args.tab)
      }
    : null;
}
