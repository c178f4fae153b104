import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { IJob } from '../api/types';
import { CommandIDs, DATA_JOB, DATA_RUN } from '../commands';
import { EmptyState } from '../components/EmptyState';
import { useSignal, useSlowNow, useSteady } from '../components/hooks';
import { Skeleton } from '../components/Skeleton';
import { VirtualList } from '../components/VirtualList';
import { orderJobs } from '../models/joborder';
import type { ITracksideModel } from '../tokens';
import type { RecurringModel } from '../models/pipelines';
import { Away } from './Away';
import { describeJob, JobRow } from './JobRow';
import { Recurs } from './Recurs';

/** What fills an empty list. */
// One cell, as it is copied: a magic of a cell has to stand in its first line.
const EXAMPLE = `%%train
for epoch in range(5):
    print(f"{epoch=} loss={1/2**epoch}")`;

/** The list of jobs. */
export function JobsView(props: {
  model: ITracksideModel;
  recurring: RecurringModel;
  commands: CommandRegistry;
}): React.ReactElement {
  const { model, recurring, commands } = props;
  const { trans } = model;
  useSignal(model.changed);
  useSignal(model.connectionChanged);
  const now = useSlowNow();
  const [held, setHeld] = React.useState(false);
  const [isUnfolded, setUnfolded] = React.useState(false);
  const known = [...model.jobs.values()];
  const tasks = known.filter(isTask).length;
  const jobs = useSteady(
    orderJobs(isUnfolded ? known : known.filter(job => !isTask(job))),
    keyOf,
    held
  );
  const recurs = <Recurs recurring={recurring} now={now} commands={commands} />;
  const footer = (
    <>
      {tasks > 0 && (
        <button
          className="jp-TracksideLink"
          aria-expanded={isUnfolded}
          onClick={() => setUnfolded(!isUnfolded)}
        >
          {isUnfolded
            ? trans.__('Fold the tasks of pipelines')
            : trans._n('%1 task of pipelines', '%1 tasks of pipelines', tasks)}
        </button>
      )}
      {recurs}
      {model.hasEarlierJobs && (
        <button
          className="jp-TracksideLink"
          onClick={() => void model.loadEarlierJobs().catch(() => model.refresh())}
        >
          {trans.__('Show earlier jobs')}
        </button>
      )}
    </>
  );

  if (jobs.length === 0 && tasks === 0) {
    switch (model.connection.state) {
      case 'connecting':
        return <Skeleton rows={3} />;
      case 'ok':
        return (
          <EmptyState
            trans={trans}
            sentence={trans.__('No jobs yet. After %load_ext trackside, train a cell:')}
            code={EXAMPLE}
          >
            {recurs}
          </EmptyState>
        );
      default:
        return <Away trans={trans} />;
    }
  }
  if (jobs.length === 0) {
    return <div className="jp-TracksideList">{footer}</div>;
  }
  return (
    <VirtualList
      label={trans.__('Jobs')}
      className="jp-TracksideJobs"
      items={jobs}
      keyOf={keyOf}
      describe={job => describeJob(job, trans)}
      renderRow={job => <JobRow job={job} now={now} commands={commands} trans={trans} />}
      attributes={job => ({ [DATA_JOB]: job.job_id, [DATA_RUN]: job.run_id })}
      onOpen={job =>
        void commands.execute(CommandIDs.openRun, {
          run_id: job.run_id,
          job_id: job.job_id,
          name: job.name
        })
      }
      onDelete={job => void commands.execute(CommandIDs.deleteJob, { job: job.job_id })}
      onHeld={setHeld}
      footer={footer}
    />
  );
}

function keyOf(job: IJob): string {
  return job.job_id;
}

/** Whether a job is a task of a pipeline run, which shows it in its graph. */
function isTask(job: IJob): boolean {
  return Boolean(job.pipeline_run);
}
