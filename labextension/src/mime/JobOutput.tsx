import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { explain } from '../api/request';
import type { IJob } from '../api/types';
import { CommandIDs, DATA_JOB, DATA_RUN } from '../commands';
import { useSignal } from '../components/hooks';
import { JobLogTail } from '../components/logs/JobLogTail';
import { Card, type ICardActions } from '../shared/card/Card';
import type { ICardDetails } from '../shared/card/facts';
import type { ITracksideModel } from '../tokens';
import { fetchCurves, fetchDetails, growCurves, type Curves } from './details';
import { Fallback } from './Fallback';
import type { LiveJob } from './live';
import { useSeen } from './useSeen';

/** The live output of a job. */
export function JobOutput(props: {
  live: LiveJob;
  commands: CommandRegistry;
  fallback: string;
}): JSX.Element {
  const { live, commands, fallback } = props;
  const { model } = live;
  const { trans } = model;
  useSignal(live.changed);
  const [host, isSeen] = useSeen<HTMLDivElement>();
  const { job } = live;
  const [details, curves] = useDetails(model, isSeen ? job : null);
  const actions = React.useMemo(
    () => job && actionsOf(model, commands, job),
    [model, commands, job]
  );
  if (!job || !actions) {
    const sentence = live.gone
      ? trans.__('This job is no longer on the server. This is what the notebook kept of it.')
      : live.problem || live.notice;
    return <Fallback html={fallback} sentence={sentence} />;
  }
  return (
    <div ref={host}>
      <Card
        job={job}
        actions={actions}
        details={details}
        sparklines={curves}
        machine={model.info?.runners.find(runner => runner.name === job.runner)?.label}
        notice={live.notice}
        renderLog={() => <JobLogTail model={model} job={job.job_id} />}
        attributes={{ [DATA_JOB]: job.job_id, [DATA_RUN]: job.run_id }}
      />
    </div>
  );
}

/** What a card shows beyond the summary: fetched when it is first seen and when the state changes. */
function useDetails(model: ITracksideModel, job: IJob | null): [ICardDetails | null, Curves] {
  const [details, setDetails] = React.useState<ICardDetails | null>(null);
  const [curves, setCurves] = React.useState<Curves>({});
  const before = React.useRef<IJob | null>(null);
  const id = job?.job_id;
  const state = job?.state;
  const isKnown = job !== null && Object.keys(job.metrics).length > 0;
  React.useEffect(() => {
    let isCurrent = true;
    if (job) {
      void fetchDetails(model, job).then(found => isCurrent && setDetails(found));
    }
    return () => {
      isCurrent = false;
    };
    // Not for each line that the job prints.
  }, [model, id, state]);
  React.useEffect(() => {
    let isCurrent = true;
    if (job && isKnown) {
      void fetchCurves(model, job).then(found => isCurrent && setCurves(found));
    }
    return () => {
      isCurrent = false;
    };
  }, [model, id, isKnown, state]);
  React.useEffect(() => {
    const was = before.current;
    before.current = job;
    if (job && was && was !== job) {
      setCurves(known => growCurves(known, was, job));
    }
  }, [job]);
  return [details, curves];
}

function actionsOf(model: ITracksideModel, commands: CommandRegistry, job: IJob): ICardActions {
  const say = async <T,>(task: Promise<T>): Promise<T> => {
    try {
      return await task;
    } catch (error) {
      throw new Error(explain(error, model.trans));
    }
  };
  const open = (target: IJob): void => {
    void commands.execute(CommandIDs.openRun, {
      run_id: target.run_id,
      job_id: target.job_id,
      name: target.name
    });
  };
  return {
    cancel: async () => model.merge(await say(model.jobsApi.cancel(job.job_id))),
    rerun: async overrides => {
      const again = await say(model.jobsApi.rerun(job.job_id, overrides));
      model.merge(again);
      return again.name;
    },
    open: name => {
      const named = name && [...model.jobs.values()].find(known => known.name === name);
      open(named || job);
    },
    openSource:
      job.source?.notebook || job.source?.path
        ? () => void commands.execute(CommandIDs.openSource, { job: job.job_id })
        : undefined
  };
}
