import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { type MainAreaWidget, Notification } from '@jupyterlab/apputils';

import type { IScalarsRead, TensorboardApi } from '../api/tensorboard';
import { CommandIDs } from '../commands';
import { attempt } from '../components/notices';
import type { BoardContent } from '../documents/tensorboard/widget';
import { ITracksideModel } from '../tokens';
import { OpenDocuments } from './opened';
import { Target } from './target';

const ARGS = {
  type: 'object',
  properties: {
    run: { type: 'string', description: 'The id of the run; the one under the menu if absent.' },
    run_ids: {
      type: 'array',
      items: { type: 'string' },
      description: 'The ids of several runs, which are shown together.'
    },
    name: { type: 'string', description: 'The name of the run, when it is known.' }
  }
} as const;

/** As many as the server takes. */
const MOST = 20;

/** TensorBoard in the main area. */
export const tensorboardPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:tensorboard',
  description: 'Opens TensorBoard on the event files of runs and reads their scalars.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [ILabShell, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    model: ITracksideModel,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const { commands, serviceManager } = app;
    const { trans } = model;
    let api: TensorboardApi | undefined;
    const apiOf = async (): Promise<TensorboardApi> => {
      const { TensorboardApi } = await import('../api/tensorboard');
      return (api ??= new TensorboardApi(serviceManager.serverSettings));
    };
    const target = new Target(app, model);
    const documents = new OpenDocuments<BoardContent>(app, labShell, restorer, {
      namespace: 'trackside-tensorboard',
      command: CommandIDs.openTensorboard,
      trans,
      keyOf: ({ board }) => board.runIds.join('-'),
      argsOf: ({ board }) => ({
        run_ids: [...board.runIds],
        ...(board.name ? { name: board.name } : {})
      })
    });

    const runsOf = (args: Parameters<Target['runId']>[0]): string[] => {
      const { run_ids: ids } = args;
      const named = Array.isArray(ids) ? ids.filter(id => typeof id === 'string') : [];
      const one = named.length ? undefined : target.runId(args);
      return [...new Set(one === undefined ? named : [one])].sort();
    };

    const nameOf = async (runIds: readonly string[]): Promise<string | undefined> => {
      if (runIds.length > 1) {
        return undefined;
      }
      try {
        return (await model.trackingApi.run(runIds[0])).info.run_name;
      } catch {
        return runIds[0].slice(0, 8); // the tab says what is wrong
      }
    };

    const readScalars = (runIds: readonly string[]): Promise<void> =>
      attempt(trans, async () => {
        const { readWords } = await import('../documents/tensorboard');
        const read: IScalarsRead[] = [];
        for (const id of runIds) {
          read.push(await (await apiOf()).readScalars(id));
        }
        const { words, isWhole } = readWords(read, trans);
        Notification.emit(words, isWhole ? 'info' : 'warning', {
          autoClose: isWhole && 20_000,
          actions: [
            {
              label: trans.__('Show Charts'),
              callback: () =>
                void commands.execute(CommandIDs.openRun, { run_id: runIds[0], tab: 'charts' })
            }
          ]
        });
      });

    const create = async (
      runIds: readonly string[],
      known: string | undefined
    ): Promise<MainAreaWidget<BoardContent>> => {
      const { BoardModel, createBoardDocument } = await import('../documents/tensorboard');
      const name = known ?? (await nameOf(runIds));
      const board = new BoardModel(await apiOf(), trans, runIds, name, () => widget.isVisible);
      const widget = createBoardDocument(board, () => readScalars(runIds));
      void board.open();
      return widget;
    };

    commands.addCommand(CommandIDs.openTensorboard, {
      label: trans.__('Open in TensorBoard'),
      caption: trans.__('Show the event files of the run in TensorBoard'),
      describedBy: { args: ARGS },
      isEnabled: args => {
        const { length } = runsOf(args);
        return length > 0 && length <= MOST;
      },
      execute: async args => {
        const runIds = runsOf(args);
        const name = typeof args.name === 'string' ? args.name : undefined;
        return documents.open(runIds.join('-'), () => create(runIds, name));
      }
    });

    commands.addCommand(CommandIDs.readScalars, {
      label: trans.__('Read TensorBoard Scalars'),
      caption: trans.__('Read the scalars of the event files into the metrics of the run'),
      describedBy: { args: ARGS },
      isEnabled: args => runsOf(args).length > 0,
      execute: args => readScalars(runsOf(args))
    });
  }
};
