import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { InputDialog, Notification } from '@jupyterlab/apputils';

import type { BulkAction, TableApi } from '../api/table';
import { CommandIDs } from '../commands';
import { offerUndo, tellFailure } from '../components/notices';
import type { IDone } from '../models/bulk';
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

    const load = async (): Promise<typeof import('../models/bulk') & { api: TableApi }> => {
      const [{ TableApi: Api }, bulk] = await Promise.all([
        import('../api/table'),
        import('../models/bulk')
      ]);
      return { ...bulk, api: new Api(tracks.trackingApi.settings) };
    };
    /** Say what went wrong, and have every view catch up. */
    const report = async (task: Promise<IDone>): Promise<IDone> => {
      const result = await task;
      const [first] = result.failed;
      if (result.error !== undefined) {
        tellFailure(result.error, trans);
      }
      if (first) {
        Notification.warning(
          trans._n(
            '%1 run stayed as it was: %2',
            '%1 runs stayed as they were. The first: %2',
            result.failed.length,
            first.message
          ),
          { autoClose: 10_000 }
        );
      }
      await tracks.refresh();
      return result;
    };
    const act = async (action: BulkAction, runIds: readonly string[]): Promise<IDone> => {
      const { api, changeRuns } = await load();
      return report(changeRuns(api, action, runIds));
    };
    const tagAll = async (
      runIds: readonly string[],
      tag: { key: string; value: string }
    ): Promise<boolean> => {
      const { api, changeRuns, tagsOf, putTagsBack } = await load();
      const experiments = await tracks.trackingApi.experiments();
      const places = experiments.map(({ experiment_id }) => experiment_id);
      const before = await tagsOf(api, places, runIds, tag.key);
      const { done, run_ids, error } = await report(changeRuns(api, 'tag', runIds, tag));
      if (done && before) {
        offerUndo(
          trans,
          trans._n('Tag %2 is written to %1 run.', 'Tag %2 is written to %1 runs.', done, tag.key),
          () => report(putTagsBack(api, run_ids, tag.key, before))
        );
      }
      return error === undefined;
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
        if (!tag) {
          return false;
        }
        try {
          return await tagAll(runIds, tag);
        } catch (error) {
          tellFailure(error, trans);
          return false;
        }
      }
    });

    commands.addCommand(CommandIDs.deleteRuns, {
      label: trans.__('Delete Runs'),
      caption: trans.__('Move the runs to the trash'),
      describedBy: { args: RUNS_ARGS },
      isEnabled: args => readIds(args).length > 0,
      execute: async args => {
        const { done, run_ids, error } = await act('delete', readIds(args));
        if (done) {
          offerUndo(
            trans,
            trans._n('%1 run is in the trash.', '%1 runs are in the trash.', done),
            () => act('restore', run_ids)
          );
        }
        return error === undefined;
      }
    });

    commands.addCommand(CommandIDs.restoreRuns, {
      label: trans.__('Take Runs Back'),
      caption: trans.__('Take the runs back from the trash'),
      describedBy: { args: RUNS_ARGS },
      isEnabled: args => readIds(args).length > 0,
      execute: async args => (await act('restore', readIds(args))).error === undefined
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
