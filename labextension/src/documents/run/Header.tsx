import * as React from 'react';

import { hasEnded, type IJob } from '../../api/types';
import { CommandIDs, DATA_JOB, DATA_RUN } from '../../commands';
import { Action } from '../../shared/Action';
import { JobProgress, JobTime } from '../../shared/card/Head';
import { nextStep, place, sentence } from '../../shared/card/facts';
import { useNow } from '../../shared/clock';
import { ago, clock, exactDuration, moment } from '../../shared/format';
import { startWords } from '../../shared/startwords';
import { StateIcon } from '../../shared/StateIcon';
import { stateLook } from '../../shared/states';
import type { IRunContext } from './context';
import type { RunModel } from './model';
import { MoreMenu } from './MoreMenu';

/** Jobs that ran longer are stopped only after asking once more. */
const CONFIRM_AFTER = 10 * 60_000;

/** What stands above the tabs: name, state, sentence, time, actions. */
export function Header(props: IRunContext): JSX.Element {
  const { run: document } = props;
  const { run, job, tracks } = document;
  const { trans } = tracks;
  const state = job?.state ?? run?.info.status ?? 'QUEUED';
  const look = stateLook(state, trans);
  const now = useNow(look.live);
  const why = job ? sentence(job, trans) : closingReason(run);
  const { state: link, sentence: notice } = tracks.connection;
  const isAway = link === 'offline' || link === 'unavailable';
  const attributes = {
    [DATA_RUN]: document.runId,
    ...(job && { [DATA_JOB]: job.job_id })
  };
  return (
    <div className="jp-TracksideDoc-header" {...attributes}>
      <div className="jp-TracksideDoc-title">
        <StateIcon state={state} />
        <h1 title={document.name}>{document.name}</h1>
        <span className={`jp-TracksideDoc-state jp-mod-${look.tone}`}>{look.label}</span>
        <span className="jp-TracksideCard-facts">
          {job ? (
            <>
              <JobTime job={job} now={now} />
              {!hasEnded(job) && <JobProgress job={job} />}
              {job.attempt > 1 && (
                <span>{trans.__('attempt %1 of %2', job.attempt, job.max_attempts)}</span>
              )}
              <span className="jp-TracksideCard-dim">
                {place(job, trans, tracks.info?.runners.find(at => at.name === job.runner)?.label)}
              </span>
            </>
          ) : (
            run && <RunTime run={run} now={now} trans={trans} />
          )}
        </span>
        <span className="jp-TracksideCard-actions">
          {job && <JobActions {...props} job={job} now={now} />}
          {run && <MoreMenu {...props} />}
        </span>
      </div>
      {why && <p className={`jp-TracksideCard-why jp-mod-${look.tone}`}>{why}</p>}
      {run?.info.lifecycle_stage === 'deleted' && (
        <p className="jp-TracksideDoc-note">
          {trans.__('This run is in the trash.')}{' '}
          <Action
            label={trans.__('Take it back')}
            onClick={async () => {
              await tracks.trackingApi.restore(document.runId);
              await tracks.refresh();
            }}
          />{' '}
          <Action
            label={trans.__('Delete for ever…')}
            onClick={async () => {
              await props.commands.execute(CommandIDs.purgeRun, { run: document.runId });
            }}
          />
        </p>
      )}
      {document.problem && !isAway && (
        <p className="jp-TracksideDoc-note" role="alert">
          {document.problem}
        </p>
      )}
      {isAway && (
        <p className="jp-TracksideDoc-note" role="status">
          {notice}
        </p>
      )}
      <span className="jp-TracksideHidden" role="status">
        {`${document.name}: ${look.label}. ${look.live ? '' : why}`}
      </span>
    </div>
  );
}

/** Why a run without a job was closed in the place of its client. */
function closingReason(run: RunModel['run']): string {
  return run?.tags.get('trackside.reason.message') ?? '';
}

function RunTime(props: {
  run: NonNullable<RunModel['run']>;
  now: number;
  trans: RunModel['tracks']['trans'];
}): JSX.Element {
  const { now, trans } = props;
  const { status, start_time: start, end_time: end } = props.run.info;
  const { full, took } = startWords(status, start, end, now, trans);
  return (
    <>
      <span title={end === null ? full : exactDuration(end - start)}>{took}</span>
      {end !== null && (
        <span className="jp-TracksideCard-dim" title={moment(end)}>
          {ago(end, now, trans)}
        </span>
      )}
    </>
  );
}

function JobActions(
  props: IRunContext & { job: NonNullable<RunModel['job']>; now: number }
): JSX.Element {
  const { job, now, commands, run: document } = props;
  const { tracks } = document;
  const { trans } = tracks;
  const args = { job: job.job_id };
  const ran = job.started_at === null ? 0 : now - job.started_at;
  const more = nextStep(job, trans);
  return (
    <>
      {(job.source?.notebook || job.source?.path) && (
        <Action
          label={trans.__('Open source')}
          title={job.source.label}
          onClick={() => commands.execute(CommandIDs.openSource, args)}
        />
      )}
      {hasEnded(job) ? (
        <>
          {more && (
            <Action
              label={more.label}
              strong
              onClick={async () =>
                tracks.merge(await tracks.jobsApi.rerun(job.job_id, more.overrides))
              }
            />
          )}
          <Action
            label={trans.__('Run again')}
            onClick={async () => {
              const again: unknown = await commands.execute(CommandIDs.runAgain, {
                run: document.runId
              });
              const started = again as IJob | undefined;
              if (started) {
                await commands.execute(CommandIDs.openRun, {
                  run_id: started.run_id,
                  job_id: started.job_id,
                  name: started.name
                });
              }
            }}
          />
        </>
      ) : (
        <Action
          label={job.state === 'QUEUED' ? trans.__('Cancel') : trans.__('Stop')}
          confirm={ran > CONFIRM_AFTER ? trans.__('Stop after %1?', clock(ran)) : undefined}
          onClick={() => commands.execute(CommandIDs.stopJob, args)}
        />
      )}
    </>
  );
}
