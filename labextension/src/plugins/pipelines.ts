import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { deleteIcon } from '@jupyterlab/ui-components';

import { placeOf } from '../api/pipelineplace';
import { CommandIDs, DATA_PIPELINE, DATA_PIPELINE_RUN } from '../commands';
import { isMeantForEver } from '../components/forever';
import { act, offerUndo } from '../components/notices';
import { catchUp } from '../models/kfp';
import { ITracksideModel } from '../tokens';
import { Target } from './target';

/** The schema of the arguments of a command about pipeline runs. */
const RUNS_ARGS = {
  type: 'object',
  properties: {
    pipeline_runs: {
      type: 'array',
      items: { type: 'string' },
      description: 'The ids of the pipeline runs; the one under the menu if absent.'
    },
    pipeline_run: { type: 'string', description: 'The id of one of them.' }
  }
} as const;

const PIPELINE_ARGS = {
  type: 'object',
  properties: {
    pipeline: {
      type: 'string',
      description: 'The id of the pipeline; the one under the menu if absent.'
    }
  }
} as const;

/** What can be done with pipeline runs and pipelines. */
export const pipelinesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:pipelines',
  description: 'Adds the commands that put away and delete pipeline runs and pipelines.',
  autoStart: true,
  requires: [ITracksideModel],
  activate: (app: JupyterFrontEnd, tracks: ITracksideModel): void => {
    const { commands } = app;
    const { trans, pipelinesApi } = tracks;
    const target = new Target(app, tracks);
    const listsWith = (ids: readonly string[]): Parameters<typeof act>[0] => ({
      trans,
      refresh: () => catchUp(tracks, ids[0])
    });
    type Args = Record<string, unknown>;
    const runsOf = (args: Args): string[] => {
      if (Array.isArray(args.pipeline_runs)) {
        return args.pipeline_runs.filter((id): id is string => typeof id === 'string');
      }
      const id = target.named(args.pipeline_run, DATA_PIPELINE_RUN);
      return id === undefined ? [] : [id];
    };
    const pipelineOf = (args: Args): string | undefined =>
      target.named(args.pipeline, DATA_PIPELINE);

    const archive = async (ids: readonly string[], isOn: boolean): Promise<void> => {
      for (const id of ids) {
        await pipelinesApi.archive(id, isOn);
      }
    };
    commands.addCommand(CommandIDs.archivePipelineRuns, {
      label: trans.__('Put Pipeline Run Away'),
      caption: trans.__('Archive the pipeline run: it is kept, and listed no longer'),
      describedBy: { args: RUNS_ARGS },
      isEnabled: args => runsOf(args).length > 0,
      execute: async args => {
        const ids = runsOf(args);
        return act(listsWith(ids), async () => {
          await archive(ids, true);
          offerUndo(
            trans,
            trans._n('%1 pipeline run is put away.', '%1 pipeline runs are put away.', ids.length),
            () => act(listsWith(ids), () => archive(ids, false))
          );
        });
      }
    });

    commands.addCommand(CommandIDs.deletePipelineRuns, {
      label: trans.__('Delete Pipeline Run…'),
      caption: trans.__('Delete the pipeline run and the artifacts of its tasks'),
      icon: deleteIcon,
      describedBy: { args: RUNS_ARGS },
      isEnabled: args => runsOf(args).length > 0,
      execute: async args => {
        const ids = runsOf(args);
        const title = trans._n(
          'Delete %1 pipeline run for ever?',
          'Delete %1 pipeline runs for ever?',
          ids.length
        );
        const body = ids.some(id => placeOf(id) === 'kfp')
          ? trans._n(
              'It is deleted on the KFP server. There is no way back.',
              'They are deleted on the KFP server. There is no way back.',
              ids.length
            )
          : trans._n(
              'Its tasks and their artifacts are deleted. There is no way back.',
              'Their tasks and the artifacts of these are deleted. There is no way back.',
              ids.length
            );
        const isMeant = await isMeantForEver(trans, title, body);
        return (
          isMeant &&
          act(listsWith(ids), async () => {
            for (const id of ids) {
              await pipelinesApi.deleteRun(id);
            }
          })
        );
      }
    });

    commands.addCommand(CommandIDs.deletePipeline, {
      label: trans.__('Delete Pipeline…'),
      caption: trans.__('Delete the pipeline with its versions; its runs stay'),
      icon: deleteIcon,
      describedBy: { args: PIPELINE_ARGS },
      isEnabled: args => pipelineOf(args) !== undefined,
      execute: async args => {
        const id = pipelineOf(args)!;
        await act(listsWith([id]), async () => {
          const { name } = await pipelinesApi.pipeline(id);
          const title = trans.__('Delete pipeline %1?', name);
          const body = trans.__(
            'All its versions are deleted, and what recurs of it starts no more runs. Runs that were made stay. There is no way back.'
          );
          if (await isMeantForEver(trans, title, body)) {
            await pipelinesApi.deletePipeline(id);
          }
        });
      }
    });
  }
};
