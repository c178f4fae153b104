import * as React from 'react';

import type { IJob } from '../../api/types';
import { CommandIDs } from '../../commands';
import { sizeText } from '../../shared/card/facts';
import { memory, moment, number } from '../../shared/format';
import { startWords } from '../../shared/startwords';
import type { IRunContext } from './context';
import { Facts } from './Facts';
import { useFetched } from './hooks';
import { gitFacts, sourceName } from './provenance';

const HOUR = 3_600_000;

/** Who, when, from where, with what. */
export function About(props: IRunContext): JSX.Element {
  const { run: document, commands } = props;
  const { run, job, tracks } = document;
  const { trans, trackingApi } = tracks;
  const git = run && gitFacts(run);
  const source = job?.source?.label ?? (run && sourceName(run));
  const user = run?.tags.get('mlflow.user') ?? run?.info.user_id;
  const canOpen = job && (job.source?.notebook || job.source?.path);
  const experimentId = run?.info.experiment_id ?? job?.experiment_id;
  const { value: experiment } = useFetched(
    async signal =>
      job || !experimentId ? null : (await trackingApi.experiment(experimentId, signal)).name,
    [experimentId, Boolean(job)]
  );
  const parent = run?.tags.get('mlflow.parentRunId');
  const started =
    run &&
    startWords(run.info.status, run.info.start_time, run.info.end_time, Date.now(), trans).full;
  // Whoever logs to the run may write its tags.
  const scheduled = Date.parse(run?.tags.get('trackside.scheduled_at') ?? '') || 0;
  const asked = job && [
    job.resources.cpus && trans._n('%1 CPU', '%1 CPUs', job.resources.cpus),
    job.resources.memory && memory(job.resources.memory),
    sizeText(job, trans)
  ];
  const resources = asked ? asked.filter(Boolean).join(', ') : '';
  const gpuHours = job ? gpuHoursOf(job, Date.now()) : null;
  const link = (text: string, command: string, args: Record<string, string | string[]>) =>
    commands.hasCommand(command) ? (
      <button
        type="button"
        className="jp-TracksideLink"
        onClick={() => commands.execute(command, args)}
      >
        {text}
      </button>
    ) : (
      text
    );
  return (
    <Facts
      facts={[
        experimentId && {
          name: trans.__('Experiment'),
          value: link(
            job?.experiment_name ?? experiment ?? experimentId,
            CommandIDs.openExperiment,
            {
              experiment_ids: [experimentId]
            }
          )
        },
        parent && {
          name: trans.__('Parent run'),
          value: link(parent.slice(0, 8), CommandIDs.openRun, { run_id: parent })
        },
        source && {
          name: trans.__('Source'),
          value: canOpen && job ? link(source, CommandIDs.openSource, { job: job.job_id }) : source
        },
        git && {
          name: trans.__('Commit'),
          value: [git.branch, git.commit.slice(0, 7)].filter(Boolean).join(' '),
          copy: git.commit
        },
        git &&
          git.changed > 0 && {
            name: trans.__('Changed files'),
            value: (
              <button
                type="button"
                className="jp-TracksideLink"
                onClick={() => {
                  document.tab = 'code';
                }}
              >
                {number(git.changed)}
              </button>
            )
          },
        user && { name: trans.__('User'), value: user },
        scheduled && { name: trans.__('Scheduled for'), value: moment(scheduled) },
        started && { name: trans.__('Started'), value: started },
        run?.info.end_time && { name: trans.__('Ended'), value: moment(run.info.end_time) },
        resources && { name: trans.__('Asked for'), value: resources },
        gpuHours !== null && {
          name: trans.__('GPU-hours'),
          value: (
            <span title={trans.__('GPUs asked for, times how long the job ran')}>
              {number(Number(gpuHours.toPrecision(3)))}
            </span>
          )
        },
        job &&
          job.exit_code !== null &&
          job.exit_code !== 0 && { name: trans.__('Exit code'), value: job.exit_code },
        job && job.signal !== null && { name: trans.__('Signal'), value: job.signal },
        {
          name: trans.__('Run id'),
          value: <code>{document.runId.slice(0, 8)}…</code>,
          copy: document.runId
        },
        run?.info.artifact_uri && {
          name: trans.__('Artifact URI'),
          value: <code title={run.info.artifact_uri}>…{run.info.artifact_uri.slice(-18)}</code>,
          copy: run.info.artifact_uri
        }
      ]}
      trans={trans}
    />
  );
}

/** How many hours of one GPU a job has used; `null` for one without GPUs or that has not begun. */
export function gpuHoursOf(
  job: Pick<IJob, 'resources' | 'gpus' | 'started_at' | 'ended_at'>,
  now: number
): number | null {
  const gpus = (job.resources.gpus ?? job.gpus.length) * (job.resources.nodes ?? 1);
  return gpus > 0 && job.started_at !== null
    ? (gpus * ((job.ended_at ?? now) - job.started_at)) / HOUR
    : null;
}
