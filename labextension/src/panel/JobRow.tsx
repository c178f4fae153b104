import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { runIcon, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { hasEnded, type IJob } from '../api/types';
import { CommandIDs } from '../commands';
import { IconButton } from '../components/IconButton';
import { progressText, sentence } from '../shared/card/facts';
import { useNow } from '../shared/clock';
import { ago, clock, exactDuration, moment, number } from '../shared/format';
import { Sparkline } from '../shared/Sparkline';
import { StateIcon } from '../shared/StateIcon';
import { stateLook } from '../shared/states';
import { logIcon } from './icons';

/** One line about a job: state, name, main metric, time, and what can be done. */
export function JobRow(props: {
  job: IJob;
  now: number;
  commands: CommandRegistry;
  trans: TranslationBundle;
}): React.ReactElement {
  const { job, now, commands, trans } = props;
  const metric = job.main_metric === null ? undefined : job.metrics[job.main_metric];
  const isWaiting = job.state === 'QUEUED';
  const run = (id: string): void => void commands.execute(id, { job: job.job_id });
  return (
    <>
      <span role="gridcell" className="jp-TracksideRow-state">
        <StateIcon state={job.state} labelled trans={trans} />
      </span>
      <span role="gridcell" className="jp-TracksideRow-name" title={tooltip(job, trans)}>
        {job.name}
      </span>
      <span role="gridcell" className="jp-TracksideJob-progress">
        {isWaiting ? job.reason?.message : sentence(job, trans) || progressText(job, trans)}
      </span>
      {metric && (
        <span
          role="gridcell"
          className="jp-TracksideJob-metric"
          title={`${job.main_metric} ${metric.value}`}
        >
          <Sparkline values={job.sparkline} width={40} />
          <span className="jp-TracksideNumber">{number(metric.value)}</span>
        </span>
      )}
      <span role="gridcell" className={`jp-TracksideRow-when ${isWaiting ? 'jp-mod-wide' : ''}`}>
        {isWaiting ? queueText(job, trans) : <JobTime job={job} now={now} trans={trans} />}
      </span>
      <span role="gridcell" className="jp-TracksideRow-actions">
        <IconButton
          icon={logIcon}
          inRow
          label={trans.__('Show the log of %1', job.name)}
          onClick={() => run(CommandIDs.showLog)}
        />
        {hasEnded(job) ? (
          <IconButton
            icon={runIcon}
            inRow
            label={trans.__('Run %1 again', job.name)}
            onClick={() => run(CommandIDs.rerunJob)}
          />
        ) : (
          <IconButton
            icon={stopIcon}
            inRow
            label={trans.__('Stop %1', job.name)}
            onClick={() => run(CommandIDs.stopJob)}
          />
        )}
      </span>
      {job.state === 'RUNNING' && typeof job.progress?.fraction === 'number' && (
        <span
          className="jp-TracksideJob-bar"
          aria-hidden
          style={{ transform: `scaleX(${Math.min(1, Math.max(0, job.progress.fraction))})` }}
        />
      )}
    </>
  );
}

/** What a screen reader says about a job. */
export function describeJob(job: IJob, trans: TranslationBundle): string {
  const metric = job.main_metric === null ? undefined : job.metrics[job.main_metric];
  return [
    job.name,
    stateLook(job.state, trans).label,
    progressText(job, trans),
    metric && `${job.main_metric} ${number(metric.value)}`,
    job.state === 'QUEUED' && queueText(job, trans),
    (job.state !== 'QUEUED' || job.cluster) && sentence(job, trans)
  ]
    .filter(Boolean)
    .join(', ');
}

function JobTime(props: { job: IJob; now: number; trans: TranslationBundle }): React.ReactElement {
  const { job, now, trans } = props;
  const ticking = useNow(!hasEnded(job));
  if (job.ended_at !== null) {
    const took = job.started_at === null ? '' : exactDuration(job.ended_at - job.started_at);
    return (
      <time title={[moment(job.ended_at), took].filter(Boolean).join(' · ')}>
        {ago(job.ended_at, Math.max(now, job.ended_at), trans)}
      </time>
    );
  }
  if (job.started_at === null) {
    // What it waited in the queue is no time that it ran.
    return <span title={moment(job.created_at)}>{trans.__('starting')}</span>;
  }
  return <time title={moment(job.started_at)}>{clock(ticking - job.started_at)}</time>;
}

function queueText(job: IJob, trans: TranslationBundle): string {
  if (job.queue_position === 1) {
    return trans.__('next');
  }
  return job.queue_position === null
    ? trans.__('waiting')
    : trans.__('number %1 in the queue', job.queue_position);
}

function tooltip(job: IJob, trans: TranslationBundle): string {
  const lines = [job.name, sentence(job, trans) || progressText(job, trans), job.source?.label];
  return lines.filter(Boolean).join('\n');
}
