import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { IStateDB } from '@jupyterlab/statedb';
import { deleteIcon, editIcon, listIcon, runIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { placeOf } from '../api/pipelineplace';
import type { IRecurringRun, IRunRequest } from '../api/pipelinerecords';
import type { IStarted } from '../api/recurring';
import { CommandIDs } from '../commands';
import { isMeantForEver } from '../components/forever';
import { act, attempt, offerUndo, tellLate } from '../components/notices';
import { catchUp } from '../models/kfp';
import { ITracksideModel } from '../tokens';
import { RECURRING_ARGS, Target } from './target';

/** How many of the last runs are asked in which experiment they are: that may have been changed. */
const RUNS_LOOKED_AT = 10;

/** What can be done with what recurs: pipelines, notebooks and scripts. */
export const recurringPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:recurring',
  description: 'Adds the commands that change, start and delete what recurs.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [IStateDB],
  activate: (app: JupyterFrontEnd, tracks: ITracksideModel, stateDB: IStateDB | null): void => {
    const { commands } = app;
    const { trans, recurringApi, pipelinesApi, trackingApi } = tracks;
    const target = new Target(app, tracks);
    const idOf = target.recurringId.bind(target);
    const listWith = (id: string): Parameters<typeof act>[0] => ({
      trans,
      refresh: () => catchUp(tracks, id)
    });
    const isEnabled = (args: ReadonlyPartialJSONObject): boolean => idOf(args) !== undefined;

    commands.addCommand(CommandIDs.editRecurringRun, {
      isEnabled,
      describedBy: { args: RECURRING_ARGS },
      label: trans.__('Edit…'),
      caption: trans.__('Change what recurs, when, what it is given and its name'),
      icon: editIcon,
      execute: async args => {
        const id = idOf(args)!;
        await attempt(trans, async () => {
          const recurring = await recurringApi.get(id);
          await (recurring.kind === 'job' ? editJob(recurring) : editPipeline(recurring));
        });
      }
    });

    commands.addCommand(CommandIDs.enableRecurringRun, {
      isEnabled,
      label: trans.__('Turn On or Off'),
      caption: trans.__('Let it start runs, or no longer'),
      describedBy: {
        args: {
          ...RECURRING_ARGS,
          properties: {
            ...RECURRING_ARGS.properties,
            enabled: {
              type: 'boolean',
              description: 'Whether it starts runs; the other if absent.'
            }
          }
        }
      },
      execute: async args => {
        const id = idOf(args)!;
        await act(listWith(id), async () => {
          const isOn =
            typeof args.enabled === 'boolean'
              ? args.enabled
              : !(await recurringApi.get(id)).enabled;
          await recurringApi.enable(id, isOn);
        });
      }
    });

    commands.addCommand(CommandIDs.startRecurringRun, {
      isEnabled,
      describedBy: { args: RECURRING_ARGS },
      label: trans.__('Run Now'),
      caption: trans.__('Start a run of it now'),
      icon: runIcon,
      execute: async args => {
        const id = idOf(args)!;
        const started = await attempt(trans, () => start(id));
        if (!started) {
          return;
        }
        await catchUp(tracks, id);
        await attempt(trans, () =>
          'run_id' in started
            ? commands.execute(CommandIDs.openPipelineRun, { run_id: started.run_id })
            : openJob(started.job_id)
        );
      }
    });

    commands.addCommand(CommandIDs.openLastRun, {
      isEnabled,
      describedBy: { args: RECURRING_ARGS },
      label: trans.__('Open Last Run'),
      caption: trans.__('Open what it started last'),
      execute: async args => {
        const id = idOf(args)!;
        await attempt(trans, async () => {
          const { name, last_run: last } = await recurringApi.get(id);
          if (!last) {
            Notification.info(trans.__('%1 has not run yet.', name), { autoClose: 5000 });
          } else if (last.state === null) {
            Notification.info(trans.__('The last run of %1 was deleted.', name), {
              autoClose: 5000
            });
          } else if (last.kind === 'job') {
            await openJob(last.id);
          } else {
            await commands.execute(CommandIDs.openPipelineRun, { run_id: last.id });
          }
        });
      }
    });

    commands.addCommand(CommandIDs.openRecurringRuns, {
      isEnabled,
      describedBy: { args: RECURRING_ARGS },
      label: trans.__('Open Its Runs'),
      caption: trans.__('Open the runs that it started as a list'),
      icon: listIcon,
      execute: async args => {
        const id = idOf(args)!;
        await attempt(trans, async () => {
          const { kind, name, moments } = await recurringApi.get(id);
          if (kind === 'pipeline') {
            await commands.execute(CommandIDs.openPipelineRuns, { recurring_run: id });
            return;
          }
          const ids = moments.flatMap(({ run_id }) => run_id || []).slice(0, RUNS_LOOKED_AT);
          if (ids.length === 0) {
            Notification.info(trans.__('%1 has not run yet.', name), { autoClose: 5000 });
            return;
          }
          await commands.execute(CommandIDs.openExperiment, {
            experiment_ids: await experimentsOf(ids),
            filter: `tags.\`trackside.recurring_run\` = '${id}'`
          });
        });
      }
    });

    commands.addCommand(CommandIDs.deleteRecurringRun, {
      isEnabled,
      describedBy: { args: RECURRING_ARGS },
      label: trans.__('Delete Recurring Run'),
      caption: trans.__('Start no more runs of it; those that were made stay'),
      icon: deleteIcon,
      execute: async args => {
        const id = idOf(args)!;
        await act(listWith(id), async () => {
          const recurring = await recurringApi.get(id);
          if (placeOf(id) === 'kfp') {
            await removeThere(recurring);
            return;
          }
          await recurringApi.remove(id);
          offerUndo(trans, trans.__('%1 recurs no longer. Its runs stay.', recurring.name), () =>
            act(listWith(id), () => bringBack(recurring))
          );
        });
      }
    });

    /** The experiments of runs, some of which may be deleted. */
    async function experimentsOf(runIds: readonly string[]): Promise<string[]> {
      const answers = await Promise.allSettled(runIds.map(id => trackingApi.run(id)));
      const found = answers.flatMap(answer =>
        answer.status === 'fulfilled' ? [answer.value.info.experiment_id] : []
      );
      const [first] = answers;
      if (found.length === 0 && first.status === 'rejected') {
        throw first.reason;
      }
      return [...new Set(found)];
    }

    async function openJob(jobId: string): Promise<void> {
      const { job_id, run_id, name } = await tracks.fetchJob(jobId);
      await commands.execute(CommandIDs.openRun, { job_id, run_id, name });
    }

    async function editJob(recurring: IRecurringRun): Promise<void> {
      const { editRecurringJob } = await import('../launch/open');
      await editRecurringJob({ app, model: tracks, stateDB, recurring });
    }

    async function editPipeline(recurring: IRecurringRun): Promise<void> {
      const { contextOf, editRecurringPipeline } = await import('../pipelines/launch/open');
      const context = await contextOf(app, tracks, null);
      const answer = await editRecurringPipeline(context, recurring);
      if (!answer) {
        return;
      }
      await catchUp(tracks, recurring.recurring_id);
      if (answer.isLate) {
        tellLate(
          trans,
          trans.__(
            '%1 was changed: that was on its way when the form was closed.',
            answer.outcome.name
          ),
          () => commands.execute(CommandIDs.showRecurring)
        );
      }
    }

    async function start(id: string): Promise<IStarted> {
      // A KFP server has no such route.
      return placeOf(id) === 'here'
        ? recurringApi.start(id)
        : pipelinesApi.start(await requestOf(await recurringApi.get(id)));
    }

    async function removeThere({ recurring_id, name }: IRecurringRun): Promise<void> {
      const title = trans.__('Delete recurring run %1?', name);
      const body = trans.__(
        'It is deleted on the KFP server and starts no more runs. Runs that were made stay. There is no way back.'
      );
      if (await isMeantForEver(trans, title, body)) {
        await recurringApi.remove(recurring_id);
      }
    }

    async function bringBack({ recurring_id, cronjob }: IRecurringRun): Promise<void> {
      await recurringApi.restore(recurring_id);
      if (cronjob) {
        await recurringApi.keepOnCluster(recurring_id);
      }
    }

    /** What a run of a pipeline that recurs on a KFP server is asked for with. */
    async function requestOf(recurring: IRecurringRun): Promise<IRunRequest> {
      const { name, description, experiment_id, cached, python, on, pipeline_root } = recurring;
      const settings = { cached, python, on, pipeline_root };
      const source = await sourceOf(recurring);
      return {
        name,
        description,
        experiment_id,
        source,
        arguments: recurring.arguments,
        ...settings
      };
    }

    async function sourceOf(recurring: IRecurringRun): Promise<IRunRequest['source']> {
      const { spec, pipeline_id, version_id } = recurring;
      if (spec && (version_id || !pipeline_id)) {
        return { spec, place: placeOf(recurring.recurring_id) };
      }
      if (version_id) {
        return { pipeline_id, version_id };
      }
      // Without a version it is always the newest.
      const { items } = await pipelinesApi.versions(pipeline_id, {
        sort_by: 'created_at desc',
        page_size: 1
      });
      return { pipeline_id, version_id: items[0]?.version_id ?? '' };
    }
  }
};
