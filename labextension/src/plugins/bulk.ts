import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { InputDialog, Notification } from '@jupyterlab/apputils';

import { explain } from '../api/request';
import type { BulkAction, IBulkResult } from '../api/table';
import { CommandIDs } from '../commands';
import { ITracksideModel } from '../tokens';

const RUNS_ARGS = {
  type: 'object',
  properties: {
    run_ids: { type: 'array', items: { type: 'string' }, description: 'The ids of the runs.' }
  },
  required: ['run_ids']
} as const;

/** The commands about many runs. */
export const bulkPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:bulk',
  description: 'Adds the commands that tag, delete and take back many runs at once.',
  autoStart: true,
  requires: [ITracksideModel],
  activate: (app: JupyterFrontEnd, tracks: ITracksideModel): void => {
    const { commands } = app;
    const { trans } = tracks;

    const act = async (
      action: BulkAction,
      runIds: readonly string[],
      tag: { key?: string; value?: string } = {}
    ): Promise<IBulkResult | null> => {
      const { MOST_RUNS, TableApi } = await import('../api/table');
      const api = new TableApi(tracks.trackingApi.settings);
      const all: IBulkResult = { done: 0, run_ids: [], failed: [] };
      try {
        for (let at = 0; at < runIds.length; at += MOST_RUNS) {
          const result = await api.bulk(action, runIds.slice(at, at + MOST_RUNS), tag);
          all.done += result.done;
          all.run_ids.push(...result.run_ids);
          all.failed.push(...result.failed);
        }
      } catch (error) {
        Notification.error(explain(error, trans), { autoClose: 10_000 });
        return null;
      } finally {
        await tracks.refresh();
      }
      const [first] = all.failed;
      if (first) {
        Notification.warning(
          trans._n(
            '%1 run stayed as it was: %2',
            '%1 runs stayed as they were. The first: %2',
            all.failed.length,
            first.message
          ),
          { autoClose: 10_000 }
        );
      }
      return all;
    };

    commands.addCommand(CommandIDs.tagRuns, {
      label: trans.__('Tag Runs…'),
      caption: trans.__('Write a tag of the runs'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            ...RUNS_ARGS.properties,
            key: { type: 'string', description: 'The name of the tag; asked for if absent.' },
            value: { type: 'string', description: 'Its value.' }
          },
          required: ['run_ids']
        }
      },
      isEnabled: args => readIds(args).length > 0,
      execute: async args => {
        const runIds = readIds(args);
        const tag =
          typeof args.key === 'string'
            ? { key: args.key, value: typeof args.value === 'string' ? args.value : '' }
            : await askTag(runIds.length);
        return tag ? (await act('tag', runIds, tag)) !== null : false;
      }
    });

    commands.addCommand(CommandIDs.deleteRuns, {
      label: trans.__('Delete Runs'),
      caption: trans.__('Move the runs to the trash'),
      describedBy: { args: RUNS_ARGS },
      isEnabled: args => readIds(args).length > 0,
      execute: async args => {
        const result = await act('delete', readIds(args));
        if (result?.done) {
          Notification.info(
            trans._n('%1 run is in the trash.', '%1 runs are in the trash.', result.done),
            {
              autoClose: 8000,
              actions: [
                {
                  label: trans.__('Undo'),
                  callback: () => void act('restore', result.run_ids)
                }
              ]
            }
          );
        }
        return result !== null;
      }
    });

    commands.addCommand(CommandIDs.restoreRuns, {
      label: trans.__('Take Runs Back'),
      caption: trans.__('Take the runs back from the trash'),
      describedBy: { args: RUNS_ARGS },
      isEnabled: args => readIds(args).length > 0,
      execute: async args => (await act('restore', readIds(args))) !== null
    });

    async function askTag(count: number): Promise<{ key: string; value: string } | null> {
      const { value } = await InputDialog.getText({
        title: trans._n('Tag %1 run', 'Tag %1 runs', count),
        label: trans.__('Name and value, such as team=vision'),
        okLabel: trans.__('Tag')
      });
      const [, key, text] = /^\s*([^=]+?)\s*(?:=\s*(.*?)\s*)?$/s.exec(value ?? '') ?? [];
      return key ? { key, value: text ?? '' } : null;
    }
  }
};

function readIds(args: Record<string, unknown>): string[] {
  const { run_ids: ids } = args;
  return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : [];
}
