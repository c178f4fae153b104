import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, type MainAreaWidget, Notification } from '@jupyterlab/apputils';
import { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { Goal } from '../api/compare';
import type { ChartPrefs } from '../charts/prefs';
import { CommandIDs, type CompareTab, type ICompareArgs } from '../commands';
import { compareIcon } from '../documents/compare/icon';
import type { CompareContent } from '../documents/compare/widget';
import { ITracksideModel } from '../tokens';
import { OpenDocuments } from './opened';
import { Target } from './target';

const TABS: readonly CompareTab[] = ['differences', 'curves', 'code', 'environment', 'plots'];

/** Compares runs in the main area. */
export const comparePlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:compare',
  description: 'Compares runs in the main area and restores comparisons after a reload.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [ILabShell, ILayoutRestorer, IStateDB, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    model: ITracksideModel,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    state: IStateDB | null,
    palette: ICommandPalette | null
  ): void => {
    const { commands } = app;
    const { trans } = model;
    const documents = new OpenDocuments<CompareContent>(app, labShell, restorer, {
      namespace: 'trackside-compare',
      command: CommandIDs.compareRuns,
      trans,
      keyOf: ({ document }) => document.runIds.join(),
      argsOf: ({ document }) => ({ ...document.openArgs, key: document.key }),
      nameOf: ({ document }) => document.key
    });
    const target = new Target(app, model);
    let prefs: ChartPrefs | undefined;

    const create = async (args: ICompareArgs): Promise<MainAreaWidget<CompareContent>> => {
      const { createCompareDocument, CompareModel, ChartPrefs } =
        await import('../documents/compare');
      prefs ??= new ChartPrefs(state);
      const compare = new CompareModel(model, args);
      const widget = createCompareDocument(compare, commands, prefs);
      const save = (): void => documents.save(widget);
      compare.changed.connect(save);
      compare.plotsChanged.connect(save);
      return widget;
    };

    /** The runs that are meant: those that are named, else those under the menu. */
    const named = (args: ReadonlyPartialJSONObject): string[] => {
      const ids = Array.isArray(args.run_ids)
        ? args.run_ids.filter((id): id is string => typeof id === 'string' && id !== '')
        : [];
      if (ids.length > 0) {
        return [...new Set(ids)];
      }
      return typeof args.run === 'string' ? [args.run] : target.runIds();
    };

    commands.addCommand(CommandIDs.compareRuns, {
      label: args =>
        named(args).length > 1 ? trans.__('Compare Runs') : trans.__('Compare Runs…'),
      caption: trans.__('Show params, metrics, code and environment of runs side by side'),
      icon: compareIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            run_ids: {
              type: 'array',
              items: { type: 'string' },
              description: 'The ids of the runs; with fewer than two, the others are asked for.'
            },
            run: { type: 'string', description: 'A run to begin with.' },
            base: { type: 'string', description: 'The run that code is compared with.' },
            key: { type: 'string', description: 'By what a restored comparison is known.' },
            metric: { type: 'string', description: 'The metric that says what is better.' },
            goal: {
              type: 'string',
              enum: ['min', 'max'],
              description: 'Whether less or more of it is better.'
            },
            tab: { type: 'string', enum: [...TABS], description: 'The tab to show.' },
            plots: {
              type: 'object',
              description: 'What a restored comparison showed in its plots.'
            }
          }
        }
      },
      execute: async args => {
        const { FEWEST, MOST } = await import('../api/compare');
        let ids = named(args);
        if (ids.length < FEWEST) {
          const { pickRuns } = await import('../documents/compare/picker');
          const picked = await pickRuns(model, ids);
          if (!picked) {
            return undefined;
          }
          ids = picked;
        }
        if (ids.length > MOST) {
          Notification.info(
            trans.__(
              'The first %1 of %2 runs are compared: no more fit beside each other.',
              MOST,
              ids.length
            ),
            { autoClose: 8000 }
          );
          ids = ids.slice(0, MOST);
        }
        const wanted = readArgs(args, ids);
        return documents.open(
          ids.join(),
          () => create(wanted),
          ({ document }) => (document.tab = wanted.tab ?? document.tab)
        );
      }
    });
    palette?.addItem({ command: CommandIDs.compareRuns, category: trans.__('Trackside') });
  }
};

function readArgs(args: ReadonlyPartialJSONObject, ids: string[]): ICompareArgs {
  const text = (value: unknown): string | null =>
    typeof value === 'string' && value ? value : null;
  const goals: readonly Goal[] = ['min', 'max'];
  return {
    run_ids: ids,
    base: text(args.base),
    key: text(args.key) ?? undefined,
    metric: text(args.metric),
    goal: goals.find(goal => goal === args.goal) ?? null,
    tab: TABS.find(tab => tab === args.tab),
    plots: args.plots
  };
}
