import type { IChanges, IJob } from '../api/types';
import type { IModelChange } from '../tokens';

/** The outcome of {@link mergeChanges}. */
export interface IMerged {
  jobs: ReadonlyMap<string, IJob>;
  revision: number;
  /** What is new, or nothing when all of it was known. */
  change: IModelChange | null;
}

/**
 * Merge a reply of `changes` into what is known.
 *
 * Merging the same reply twice, or an older one late, changes nothing: the revision of each object
 * decides.
 */
export function mergeChanges(
  known: ReadonlyMap<string, IJob>,
  revision: number,
  reply: IChanges
): IMerged {
  const jobs = new Map(reply.reset ? [] : known);
  const before = new Map<string, IJob>();
  const news: IJob[] = [];
  for (const job of reply.jobs) {
    const old = known.get(job.job_id);
    if (old && old.revision >= job.revision) {
      jobs.set(job.job_id, old);
      continue;
    }
    if (old) {
      before.set(job.job_id, old);
    }
    jobs.set(job.job_id, job);
    news.push(job);
  }
  const deleted = (reply.deleted ?? []).filter(({ kind, id }) => kind !== 'job' || jobs.delete(id));
  const isNew = (item: { revision: number }): boolean => reply.reset || item.revision > revision;
  const change: IModelChange = {
    jobs: news,
    before,
    runs: reply.runs.filter(isNew),
    experiments: reply.experiments.filter(isNew),
    models: (reply.models ?? []).filter(isNew),
    pipelineRuns: (reply.pipeline_runs ?? []).filter(isNew),
    pipelines: (reply.pipelines ?? []).filter(isNew),
    recurring: (reply.recurring_runs ?? []).filter(isNew),
    deleted,
    reset: reply.reset
  };
  const isEmpty =
    !change.reset &&
    [
      change.jobs,
      change.runs,
      change.experiments,
      change.models,
      change.pipelineRuns,
      change.pipelines,
      change.recurring,
      change.deleted
    ].every(list => !list.length);
  return {
    jobs: isEmpty ? known : jobs,
    // A store that was put back from a copy starts again below what was seen.
    revision: reply.reset ? reply.revision : Math.max(revision, reply.revision),
    change: isEmpty ? null : change
  };
}
