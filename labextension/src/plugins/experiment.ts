import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, InputDialog, type MainAreaWidget } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { IStateDB } from '@jupyterlab/statedb';

import { CommandIDs, type IOpenExperimentArgs } from '../commands';
import { act, attempt, offerUndo } from '../components/notices';
import { experimentIcon } from '../documents/experiment/icon';
import type { ExperimentContent } from '../documents/experiment/widget';
import { ITracksideModel } from '../tokens';
import { OpenDocuments } from './opened';

const EXPERIMENT_ARGS = {
  type: 'object',
  properties: {
    experiment_id: { type: 'string', description: 'The id of the experiment.' },
    name: { type: 'string', description: 'Its name from now on; asked for if absent.' }
  }
} as const;

/** The table of experiments in the main area. */
const tablePlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:experiment',
  description: 'Opens experiments as tables in the main area and restores them after a reload.',
  autoStart: true,
  requires: [IRenderMimeRegistry, ITracksideModel],
  optional: [ILabShell, ILayoutRestorer, IStateDB, ICommandPalette, ILauncher],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    tracks: ITracksideModel,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    state: IStateDB | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null
  ): void => {
    const { commands } = app;
    const { trans } = tracks;
    const documents = new OpenDocuments<ExperimentContent>(app, labShell, restorer, {
      namespace: 'trackside-experiment',
      command: CommandIDs.openExperiment,
      trans,
      keyOf: ({ document }) => keyOf(document.table.experimentIds),
      argsOf: ({ document }) => ({ experiment_ids: [...document.table.experimentIds] })
    });
    let count = 0;

    const create = async (
      experimentIds: readonly string[],
      filter: string | undefined
    ): Promise<MainAreaWidget<ExperimentContent>> => {
      const { createExperimentDocument } = await import('../documents/experiment');
      const context = { tracks, commands, rendermime, state, experimentIds, filter };
      const widget = createExperimentDocument(context);
      count += 1;
      widget.id = `trackside-experiment-${count}`;
      widget.content.document.chosen.connect(() => documents.save(widget));
      return widget;
    };

    commands.addCommand(CommandIDs.openExperiment, {
      label: args => (args.isLauncher ? trans.__('Experiments') : trans.__('Open Experiments')),
      caption: trans.__('Open the runs of experiments as a table'),
      icon: experimentIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            experiment_ids: {
              type: 'array',
              items: { type: 'string' },
              description: 'Which experiments; the one that is used most recently if absent.'
            },
            filter: { type: 'string', description: 'A filter in MLflow’s grammar to begin with.' },
            isLauncher: { type: 'boolean', description: 'Whether it stands in the launcher.' }
          }
        }
      },
      execute: async args => {
        const { experiment_ids, filter } = readArgs(args);
        const ids = experiment_ids ?? (await lastUsed(tracks));
        if (!ids) {
          return undefined;
        }
        return documents.open(
          keyOf(ids),
          () => create(ids, filter),
          ({ document }) => filter !== undefined && document.table.setView({ filter })
        );
      }
    });
    palette?.addItem({ command: CommandIDs.openExperiment, category: trans.__('Trackside') });
    launcher?.add({
      command: CommandIDs.openExperiment,
      args: { isLauncher: true },
      category: trans.__('Other'),
      rank: 10
    });
  }
};

/** The commands about experiments. */
const managePlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:experiments',
  description: 'Adds the commands that make, rename and delete experiments.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    tracks: ITracksideModel,
    palette: ICommandPalette | null
  ): void => {
    const { commands } = app;
    const { trans, trackingApi } = tracks;

    const idOf = (args: Record<string, unknown>): string | undefined =>
      typeof args.experiment_id === 'string' ? args.experiment_id : undefined;
    const nameOf = async (id: string): Promise<string> => {
      const known = await trackingApi.experiments();
      return known.find(({ experiment_id }) => experiment_id === id)?.name ?? id;
    };
    const askName = async (title: string, okLabel: string, text = ''): Promise<string | null> => {
      const { value } = await InputDialog.getText({ title, okLabel, text });
      return value?.trim() || null;
    };

    commands.addCommand(CommandIDs.createExperiment, {
      label: trans.__('New Experiment…'),
      caption: trans.__('Make an experiment and open it'),
      describedBy: {
        args: {
          type: 'object',
          properties: { name: { type: 'string', description: 'Its name; asked for if absent.' } }
        }
      },
      execute: args =>
        act(tracks, async () => {
          const name =
            typeof args.name === 'string'
              ? args.name
              : await askName(trans.__('New experiment'), trans.__('Create'));
          if (name) {
            const id = await trackingApi.createExperiment(name);
            await commands.execute(CommandIDs.openExperiment, { experiment_ids: [id] });
          }
        })
    });

    commands.addCommand(CommandIDs.renameExperiment, {
      label: trans.__('Rename Experiment…'),
      caption: trans.__('Give the experiment another name'),
      describedBy: { args: EXPERIMENT_ARGS },
      isEnabled: args => idOf(args) !== undefined,
      execute: async args => {
        const id = idOf(args);
        if (id === undefined) {
          return;
        }
        await act(tracks, async () => {
          const before = await nameOf(id);
          const name =
            typeof args.name === 'string'
              ? args.name
              : await askName(trans.__('Rename experiment'), trans.__('Rename'), before);
          if (name && name !== before) {
            await trackingApi.renameExperiment(id, name);
          }
        });
      }
    });

    commands.addCommand(CommandIDs.deleteExperiment, {
      label: trans.__('Delete Experiment'),
      caption: trans.__('Move the experiment and its runs to the trash'),
      describedBy: { args: EXPERIMENT_ARGS },
      isEnabled: args => idOf(args) !== undefined,
      execute: async args => {
        const id = idOf(args);
        if (id === undefined) {
          return;
        }
        await act(tracks, async () => {
          const name = await nameOf(id);
          await trackingApi.removeExperiment(id);
          offerUndo(trans, trans.__('Experiment %1 is in the trash, with its runs.', name), () =>
            act(tracks, () => trackingApi.restoreExperiment(id))
          );
        });
      }
    });
    palette?.addItem({ command: CommandIDs.createExperiment, category: trans.__('Trackside') });
  }
};

/** The plugins of this module. */
export const experimentPlugins = [tablePlugin, managePlugin];

/** The experiment that is used most recently; `undefined` after it was said why that is not known. */
function lastUsed(tracks: ITracksideModel): Promise<string[] | undefined> {
  return attempt(tracks.trans, async () => {
    const [first] = await tracks.trackingApi.experiments();
    return first ? [first.experiment_id] : [];
  });
}

/** By what the document of some experiments is known. */
function keyOf(experimentIds: readonly string[]): string {
  return [...experimentIds].sort().join(',');
}

function readArgs(args: Record<string, unknown>): IOpenExperimentArgs {
  const ids = Array.isArray(args.experiment_ids)
    ? args.experiment_ids.filter((id): id is string => typeof id === 'string')
    : [];
  return {
    experiment_ids: ids.length ? ids : undefined,
    filter: typeof args.filter === 'string' ? args.filter : undefined
  };
}
