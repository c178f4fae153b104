import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { IJob } from '../api/types';
import { CommandIDs, DATA_JOB, DATA_RUN } from '../commands';
import { useSignal } from '../components/hooks';
import { Action, OpenArrow } from '../shared/Action';
import { useNow } from '../shared/clock';
import { number } from '../shared/format';
import { sentence } from '../shared/card/facts';
import { JobProgress, JobTime } from '../shared/card/Head';
import { Sparkline } from '../shared/Sparkline';
import { StateIcon } from '../shared/StateIcon';
import { isLive } from '../shared/states';
import { useTrans } from '../shared/trans-context';
import { Fallback } from './Fallback';
import type { LiveJob } from './live';

/** Several jobs, one line each. */
export function JobList(props: {
  jobs: readonly LiveJob[];
  commands: CommandRegistry;
  fallback: string;
}): JSX.Element {
  const { jobs, commands, fallback } = props;
  const trans = useTrans();
  if (jobs.length === 0) {
    return <Fallback html={fallback} sentence="" />;
  }
  return (
    <div className="jp-TracksideCard jp-TracksideJobs">
      <ul aria-label={trans.__('Jobs')}>
        {jobs.map(live => (
          <JobLine key={live.id} live={live} commands={commands} />
        ))}
      </ul>
    </div>
  );
}

function JobLine(props: { live: LiveJob; commands: CommandRegistry }): JSX.Element | null {
  const { live, commands } = props;
  const trans = useTrans();
  useSignal(live.changed);
  const { job } = live;
  const now = useNow(job !== null && isLive(job.state));
  if (!job) {
    const text = live.gone ? trans.__('A job that is no longer on the server') : live.problem;
    return text ? (
      <li>
        <span className="jp-TracksideJobs-gone">{text}</span>
      </li>
    ) : null;
  }
  const open = (): void =>
    void commands.execute(CommandIDs.openRun, {
      run_id: job.run_id,
      job_id: job.job_id,
      name: job.name
    });
  return (
    <li {...{ [DATA_JOB]: job.job_id, [DATA_RUN]: job.run_id }}>
      <StateIcon state={job.state} labelled trans={trans} />
      <button type="button" className="jp-TracksideCard-name" onClick={open}>
        {job.name}
      </button>
      <MainMetric job={job} />
      <span className="jp-TracksideCard-facts">
        <JobTime job={job} now={now} />
        {isLive(job.state) && <JobProgress job={job} />}
      </span>
      <span className="jp-TracksideJobs-why" title={job.reason?.message}>
        {job.state === 'CANCELED' ? '' : sentence(job, trans)}
      </span>
      <span className="jp-TracksideCard-actions">
        {isLive(job.state) && (
          <Action
            label={trans.__('Stop')}
            onClick={() => commands.execute(CommandIDs.stopJob, { job: job.job_id })}
          />
        )}
        <Action label={trans.__('Open')} icon={<OpenArrow />} onClick={open} />
      </span>
    </li>
  );
}

function MainMetric(props: { job: IJob }): JSX.Element {
  const { job } = props;
  const latest = job.main_metric ? job.metrics[job.main_metric] : undefined;
  return latest ? (
    <span className="jp-TracksideCard-metric">
      <span className="jp-TracksideCard-key">{job.main_metric}</span>
      <span className="jp-TracksideCard-value">{number(latest.value)}</span>
      <Sparkline values={job.sparkline} />
    </span>
  ) : (
    <span />
  );
}
