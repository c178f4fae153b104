import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { type MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { IStateDB } from '@jupyterlab/statedb';

import type { ChartPrefs } from '../charts/prefs';
import { CommandIDs, type IOpenRunArgs, type RunTab } from '../commands';
import type { RunContent } from '../documents/run/widget';
import { ITracksideModel } from '../tokens';
import { Target } from './target';
import { Underway } from './underway';

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
    const { commands, shell } = app;
    const { trans } = model;
    const tracker = new WidgetTracker<MainAreaWidget<RunContent>>({
      namespace: 'trackside-run'
    });
    const underway = new Underway<MainAreaWidget<RunContent>>();
    const target = new Target(app, model);
    let prefs: ChartPrefs | undefined;
    let systemPrefs: ChartPrefs | undefined;

    const create = async (args: IOpenRunArgs): Promise<MainAreaWidget<RunContent>> => {
      const { createRunDocument, RunModel, ChartPrefs } = await import('../documents/run');
      prefs ??= new ChartPrefs(state);
      systemPrefs ??= ChartPrefs.forSystem(state);
      const run = new RunModel(model, args);
      const widget = createRunDocument({ run, commands, rendermime, prefs, systemPrefs });
      run.changed.connect(() => void tracker.save(widget));
      await tracker.add(widget);
      // In Notebook 7 the main area belongs to the notebook; below it, a document has to ask for room.
      widget.content.toggleClass('jp-TracksideDoc-below', !labShell);
      shell.add(widget, labShell ? 'main' : 'down');
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
        const known = tracker.find(widget => widget.content.context.run.runId === wanted.run_id);
        const widget = known ?? (await underway.get(wanted.run_id, () => create(wanted)));
        if (known && wanted.tab) {
          known.content.context.run.tab = wanted.tab;
        }
        shell.activateById(widget.id);
        return widget;
      }
    });

    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openRun,
        args: widget => widget.content.context.run.openArgs,
        name: widget => widget.content.context.run.runId
      });
    }
  }
};

/** The plugins of this module. */
export const documentPlugins = [documentPlugin];

function readArgs(args: Record<string, unknown>): IOpenRunArgs | null {
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' && value ? value : undefined;
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
