/**
 * Pipelines as KFP's protocol tells of them, read once: times are milliseconds since the epoch, what was left out is
 * there.
 */

import type { PipelinePlace } from './pipelineplace';
import type { PipelineState } from './pipelinetypes';
import type { IJobRequest } from './types';

/** A compiled pipeline: the documents that the compiler wrote, as they are. */
export interface ISpec {
  pipeline: Record<string, unknown>;
  platforms?: Record<string, unknown>;
}

/** A pipeline run. */
export interface IRunRecord {
  run_id: string;
  name: string;
  description: string;
  experiment_id: string;
  state: PipelineState;
  /** Why it is in its state, in a sentence, or nothing. */
  message: string;
  archived: boolean;
  created_at: number;
  /** When it first began, however often it was retried. */
  started_at: number | null;
  ended_at: number | null;
  retried: boolean;
  /** For which moment it was started by a recurring run. */
  scheduled_at: number | null;
  /** The name of what is run, or nothing where the server does not say. */
  pipeline: string;
  pipeline_id: string;
  version_id: string;
  recurring_id: string;
  arguments: Record<string, unknown>;
  spec: ISpec | null;
  /** Whether outputs may be taken from the cache at all; else each task says for itself. */
  cached?: boolean;
  /** The interpreter of its tasks, where one was asked for. */
  python?: string;
  /** Where its tasks run: here, on the cluster, or here where that can be. */
  on?: string;
  /** The run in tracking, or nothing. */
  mlflow_run_id: string;
  /** Its page on the KFP server, or nothing. */
  kfp_url: string;
}

/** A pipeline that was uploaded. */
export interface IPipeline {
  pipeline_id: string;
  name: string;
  description: string;
  created_at: number;
}

/** What runs are gathered in. */
export interface IPipelineExperiment {
  experiment_id: string;
  name: string;
}

/** A version of a pipeline. */
export interface IPipelineVersion {
  pipeline_id: string;
  version_id: string;
  name: string;
  description: string;
  created_at: number;
  /** Where its source is, or nothing. */
  source: string;
  spec: ISpec | null;
}

/** When something recurs. */
export interface ISchedule {
  /** Seconds between two runs; nothing where a cron expression says when. */
  interval: number | null;
  /** Six fields, the first of which are the seconds. */
  cron: string;
  start_at: number | null;
  end_at: number | null;
}

/** How something recurs. */
export interface IRecurrence {
  schedule: ISchedule;
  /** How many runs of it may be underway at once. */
  max_concurrency: number;
  /** Whether only the last of what was due while nobody could start it is started late. */
  no_catchup: boolean;
  enabled: boolean;
}

/** What became of a time at which a run was due. */
export interface IMoment {
  due_at: number;
  outcome: 'STARTING' | 'STARTED' | 'MISSED' | 'FAILED';
  /** Why no run came of it, or nothing. */
  message: string;
  /** What was started: a pipeline run, or the run of a job; or nothing. */
  run_id: string;
  job_id: string;
}

/** What recurred last, as it is now. */
export interface ILastRun {
  kind: 'job' | 'pipeline_run';
  id: string;
  /** Nothing where it was deleted. */
  state: string | null;
  started_at: number | null;
}

/** The notebooks and scripts among all that recurs. */
export interface ITally {
  total: number;
  enabled: number;
  /** When the next run of any is due; nothing while none is. */
  next_at: number | null;
}

/** What recurs: a pipeline, or a notebook or script whose runs are jobs. */
export interface IRecurringRun extends IRecurrence {
  kind: 'pipeline' | 'job';
  recurring_id: string;
  name: string;
  description: string;
  experiment_id: string;
  pipeline: string;
  pipeline_id: string;
  version_id: string;
  arguments: Record<string, unknown>;
  pipeline_root?: string;
  spec: ISpec | null;
  /** What a job is asked for with; nothing for a pipeline. */
  job: IJobRequest | null;
  /** The name of the CronJob of the cluster that starts its runs; nothing where this server does. */
  cronjob: string;
  /** Where the runs of a job go as things are, `local` or `cluster`; empty where that is not told. */
  runner: string;
  created_at: number;
  /** When it is due next; nothing while it is disabled or has ended. */
  next_at: number | null;
  /** How many of the times that are remembered passed without a run. */
  missed: number;
  /** What was started last; nothing where nothing was, or it is not told. */
  last_run: ILastRun | null;
  /** What would keep the next run from being started, and what to do; or nothing. */
  problem: string;
  /** The last time that something became of it; nothing where none has come, or none is told. */
  last: IMoment | null;
  /** The last times, the newest first; lists do not tell them. */
  moments: IMoment[];
  /** Whether outputs may be taken from the cache at all; else each task says for itself. */
  cached?: boolean;
  /** The interpreter of its tasks, where one was asked for. */
  python?: string;
  /** Where its tasks run, where that was asked for. */
  on?: string;
  /** What is wrong with it, or nothing. */
  message: string;
}

/** Part of a list. */
export interface IListed<T> {
  items: T[];
  total: number | null;
  nextPageToken: string | null;
}

/** What a run is made from: a compiled pipeline, or a version of one that was uploaded. */
export type RunSource =
  { spec: ISpec; place: PipelinePlace } | { pipeline_id: string; version_id: string };

/** What is asked for when a run is started. */
export interface IRunRequest {
  name: string;
  description?: string;
  experiment_id?: string;
  source: RunSource;
  arguments: Record<string, unknown>;
  /** Where its artifacts go, where that was asked for. */
  pipeline_root?: string;
  /** Whether outputs may be taken from the cache at all; else each task says for itself. */
  cached?: boolean;
  /** The interpreter of its tasks, where one was asked for. */
  python?: string;
  /** Where its tasks run, where that was asked for. */
  on?: string;
}

/** One condition of a list; all of them hold for each item. */
export interface ICondition {
  key: string;
  operation: 'EQUALS' | 'NOT_EQUALS' | 'IS_SUBSTRING' | 'IN';
  value: string | readonly string[];
}

/** Which items of a list are wanted. */
export interface IListQuery {
  /** Here, unless told. */
  place?: PipelinePlace;
  experiment_id?: string;
  conditions?: readonly ICondition[];
  /** A field, and which way. */
  sort_by?: string;
  page_token?: string | null;
  page_size?: number;
}

/** Whether a state is final. */
export function hasRunEnded(state: PipelineState): boolean {
  return ENDED.has(state);
}

const ENDED: ReadonlySet<PipelineState> = new Set(['SUCCEEDED', 'SKIPPED', 'FAILED', 'CANCELED']);
