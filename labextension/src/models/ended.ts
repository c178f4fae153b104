import { hasEnded, type IJob } from '../api/types';

/** Whether a job that had run at least so long has ended with this change. */
export function endedJustNow(before: IJob | undefined, job: IJob, threshold: number): boolean {
  if (!before || hasEnded(before) || !hasEnded(job)) {
    return false;
  }
  const { started_at, ended_at } = job;
  return started_at !== null && ended_at !== null && ended_at - started_at >= threshold;
}
