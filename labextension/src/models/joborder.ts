import type { IJob } from '../api/types';

const RANK = { RUNNING: 0, STARTING: 0, QUEUED: 1, SUCCEEDED: 2, FAILED: 2, CANCELED: 2 } as const;

/**
 * Jobs as people look for them: what runs, newest first; what waits, next first; what has ended,
 * latest first.
 */
export function orderJobs(jobs: Iterable<IJob>): IJob[] {
  return [...jobs].sort((a, b) => RANK[a.state] - RANK[b.state] || within(a, b));
}

/** How many jobs run and wait. */
export function countJobs(jobs: Iterable<IJob>): { running: number; queued: number } {
  const count = { running: 0, queued: 0 };
  for (const job of jobs) {
    if (RANK[job.state] === 0) {
      count.running += 1;
    } else if (job.state === 'QUEUED') {
      count.queued += 1;
    }
  }
  return count;
}

function within(a: IJob, b: IJob): number {
  const order =
    a.state === 'QUEUED'
      ? (a.queue_position ?? Infinity) - (b.queue_position ?? Infinity) ||
        a.created_at - b.created_at
      : when(b) - when(a);
  return order || a.job_id.localeCompare(b.job_id);
}

function when(job: IJob): number {
  return job.ended_at ?? job.started_at ?? job.created_at;
}
