import * as React from 'react';

import type { IJob } from '../../api/types';
import { ago, clock, duration, exactDuration, moment } from '../format';
import { StateIcon } from '../StateIcon';
import { stateLook } from '../states';
import { useTrans } from '../trans-context';
import { place, progressText } from './facts';

/** How long the job has run or took. */
export function JobTime(props: { job: IJob; now: number }): JSX.Element | null {
  const { job, now } = props;
  const trans = useTrans();
  if (job.state === 'QUEUED') {
    return <span title={moment(job.created_at)}>{ago(job.created_at, now, trans)}</span>;
  }
  const started = job.started_at ?? job.created_at;
  if (job.ended_at === null) {
    if (job.started_at === null) {
      // What it waited in the queue is no time that it ran.
      return null;
    }
    return (
      <span className="jp-TracksideCard-clock" title={trans.__('Started %1', moment(started))}>
        {clock(now - started)}
      </span>
    );
  }
  if (job.started_at === null) {
    return <span title={moment(job.ended_at)}>{ago(job.ended_at, now, trans)}</span>;
  }
  return (
    <>
      <span className="jp-TracksideCard-clock" title={exactDuration(job.ended_at - started)}>
        {duration(job.ended_at - started, trans)}
      </span>
      <span className="jp-TracksideCard-dim" title={moment(job.ended_at)}>
        {ago(job.ended_at, now, trans)}
      </span>
    </>
  );
}

/** How far a job is: words and a bar. */
export function JobProgress(props: { job: IJob }): JSX.Element | null {
  const { job } = props;
  const trans = useTrans();
  const text = progressText(job, trans);
  if (!text) {
    return null;
  }
  const fraction = job.progress?.fraction ?? null;
  return (
    <span className="jp-TracksideProgress">
      <span className="jp-TracksideProgress-text">{text}</span>
      {fraction !== null && job.ended_at === null && (
        <span
          className="jp-TracksideProgress-bar"
          role="progressbar"
          aria-label={trans.__('Progress of %1', job.name)}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(fraction * 100)}
          aria-valuetext={text}
        >
          <span style={{ width: `${Math.min(100, Math.max(0, fraction * 100))}%` }} />
        </span>
      )}
    </span>
  );
}

/** While a job runs, and after it stopped short of a known end. */
function showsProgress(job: IJob): boolean {
  const isShort = job.progress?.total !== null && job.state !== 'SUCCEEDED';
  return job.state !== 'QUEUED' && (job.ended_at === null || isShort);
}

/** The first line: state, name, time, progress, place; and what can be done. */
export function Head(props: {
  job: IJob;
  now: number;
  machine?: string;
  onOpen?: () => void;
  children: React.ReactNode;
}): JSX.Element {
  const { job, now, machine, onOpen, children } = props;
  const trans = useTrans();
  const look = stateLook(job.state, trans);
  return (
    <div className="jp-TracksideCard-head">
      <span className={`jp-TracksideCard-state jp-mod-${look.tone}`}>
        <StateIcon state={job.state} />
        {look.label}
      </span>
      {onOpen ? (
        <button
          type="button"
          className="jp-TracksideCard-name"
          onClick={onOpen}
          title={trans.__('Open the run')}
        >
          {job.name}
        </button>
      ) : (
        <span className="jp-TracksideCard-name">{job.name}</span>
      )}
      <span className="jp-TracksideCard-facts">
        <JobTime job={job} now={now} />
        {showsProgress(job) && <JobProgress job={job} />}
        {job.attempt > 1 && (
          <span>{trans.__('attempt %1 of %2', job.attempt, job.max_attempts)}</span>
        )}
        {(job.state !== 'QUEUED' || job.cluster) && (
          <span className="jp-TracksideCard-dim">{place(job, trans, machine)}</span>
        )}
      </span>
      <span className="jp-TracksideCard-actions">{children}</span>
    </div>
  );
}
