/**
 * The JSON that the Trackside server sends and takes. Field names are the server's.
 *
 * Times are milliseconds since the epoch, sizes are bytes, revisions are integers below 2**53.
 */

import type { IJobCluster } from './clustertypes';

/** The state of a job. */
export type JobState = 'QUEUED' | 'STARTING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED';

/** What a job runs. */
export type JobKind =
  'cell' | 'function' | 'script' | 'notebook' | 'command' | 'component' | 'container';

/** A value that a param may have. */
export type ParamValue = string | number | boolean | null;

/** Why a job is in its state: a stable code and one sentence for people. */
export interface IReason {
  code: string;
  message: string;
}

/** How far a job says it is; `fraction` is between 0 and 1 when the total is known. */
export interface IProgress {
  value: number;
  total: number | null;
  unit: string | null;
  fraction: number | null;
}

/** The latest value of a metric. */
export interface ILatestMetric {
  value: number;
  step: number | null;
  timestamp: number;
}

/** What a job asked for. */
export interface IResources {
  cpus: number | null;
  memory: number | null;
  gpus: number | null;
  /** The type of GPU that was asked for; nothing takes any. */
  gpu?: string | null;
  nodes?: number;
}

/** Where a job's code came from. */
export interface ISource {
  label: string;
  notebook?: string | null;
  path?: string | null;
  cell_id?: string | null;
  execution_count?: number | null;
}

/** What was recognised as metrics in a job's output. */
export interface IRecognised {
  lines: number;
  metrics: string[];
  pattern: string | null;
  sample: string | null;
  /** What is wrong with what was printed, or nothing. */
  message?: string | null;
}

/** A job as lists and `changes` show it. */
export interface IJob {
  job_id: string;
  name: string;
  state: JobState;
  reason: IReason | null;
  kind: JobKind;
  run_id: string;
  experiment_id: string;
  experiment_name: string;
  runner: string;
  attempt: number;
  max_attempts: number;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
  exit_code: number | null;
  signal: string | number | null;
  /** 1 is the next to start. */
  queue_position: number | null;
  params: Record<string, ParamValue>;
  resources: IResources;
  /** The GPUs of the machine that the job holds. */
  gpus: number[];
  /** Where it is on a cluster; nothing for jobs of this machine. */
  cluster?: IJobCluster | null;
  /** The pipeline run that it is a task of; older servers do not say. */
  pipeline_run?: string | null;
  source: ISource | null;
  progress: IProgress | null;
  main_metric: string | null;
  metrics: Record<string, ILatestMetric>;
  /** The main metric, at most 40 points. */
  sparkline: number[];
  last_line: string | null;
  last_line_at: number | null;
  log_size: number;
  recognised: IRecognised | null;
  time_limit: number | null;
  revision: number;
}

/** How the user's code failed. */
export interface IFailure {
  type: string;
  message: string;
  traceback: string;
  cell_line: number | null;
  source_label?: string | null;
  hint?: string | null;
}

/** One file of a bundle. */
export interface IBundleFile {
  path: string;
  size: number;
  sha256?: string;
}

/** The exact snapshot of code and files that a job runs in. */
export interface IBundle {
  digest: string;
  size: number;
  files: IBundleFile[];
}

/** A job with everything the server knows about it. */
export interface IJobDetail extends IJob {
  spec: Record<string, unknown>;
  bundle: IBundle | null;
  failure: IFailure | null;
  /** The most memory that its processes held at once. */
  peak_memory?: number | null;
}

/** One page of jobs. */
export interface IJobPage {
  jobs: IJob[];
  next_page_token?: string | null;
}

/** A piece of a job's log; offsets are bytes. */
export interface ILogRange {
  offset: number;
  next_offset: number;
  size: number;
  data: string;
  complete: boolean;
}

/** A frame of the log socket. */
export type LogFrame =
  | { type: 'chunk'; offset: number; next_offset: number; data: string }
  | { type: 'end'; offset: number; state: JobState };

/** A GPU of a runner. */
export interface IGpu {
  index: number;
  name: string;
  memory: number | null;
  uuid?: string | null;
  /** The job that holds it. */
  in_use_by: string | null;
}

/** A place where jobs run, and what it has. */
export interface IRunner {
  name: string;
  label: string;
  cpus: number | null;
  memory: number | null;
  gpus: IGpu[];
  /** Nothing where that is not decided here. */
  max_jobs: number | null;
  running: number;
  queued: number;
}

/** What the server says about itself. */
export interface IServerInfo {
  version: string;
  /** Nothing when the server listens on a Unix socket. */
  url: string | null;
  python: string;
  store: { path: string; notices: string[] };
  runners: IRunner[];
  tracking_uri: string | null;
  /** Where the runs are kept. */
  tracking?: { kind: 'embedded' } | IOutsideServer;
}

/** An outside MLflow server that keeps the runs. */
export interface IOutsideServer {
  kind: 'upstream';
  host: string;
  /** Nothing until the server has told it. */
  version: string | null;
  state: 'connecting' | 'ok' | 'unreachable' | 'refused';
  /** What is wrong or cannot be done there, and what to do. */
  sentence: string;
  /** What a server of its version cannot do. */
  lacks: string[];
  /** How many changes of jobs it has not been told of yet. */
  waiting: number;
}

/** The body of a submission. */
export interface IJobRequest {
  idempotency_key: string;
  kind: JobKind;
  bundle?: string;
  path?: string;
  function?: string;
  params?: Record<string, ParamValue>;
  arguments?: string[];
  name?: string;
  experiment?: string;
  env?: Record<string, string>;
  files?: string[];
  resources?: {
    cpus?: number;
    memory?: string | number;
    /** How many, or how many of which type: `2 x A100-80GB`. */
    gpus?: number | string;
    nodes?: number;
  };
  time_limit?: string | number;
  retries?: number;
  metric_pattern?: string;
  tags?: Record<string, string>;
  python?: string;
  /** `local` or `cluster`. */
  on?: string;
  /** What follows is for the cluster only. */
  image?: string;
  queue?: string;
  runtime?: string;
  install?: boolean;
  source?: Record<string, unknown>;
}

/** Something that may be another thing when a job runs again. */
export interface IUnpinned {
  code: string;
  message: string;
  /** Whether something has to be given before it can run. */
  blocks: boolean;
}

/** What a rerun may change. */
export type JobOverrides = Partial<
  Pick<
    IJobRequest,
    | 'idempotency_key'
    | 'params'
    | 'name'
    | 'experiment'
    | 'resources'
    | 'time_limit'
    | 'retries'
    | 'env'
  >
>;

/** A param that a script or notebook declares. */
export interface IPreviewParam {
  name: string;
  default: ParamValue;
  help?: string | null;
}

/** Something that cannot travel, and why. */
export interface IRefused {
  name: string;
  why: string;
  hint?: string | null;
}

/** What would travel for a script or a notebook. */
export interface IPreview {
  files: IBundleFile[];
  refused: IRefused[];
  params: IPreviewParam[];
  /** What is worth knowing, in sentences. */
  notes: string[];
}

/** A run that changed. */
export interface IRunChange {
  run_id: string;
  experiment_id: string;
  status: RunStatus;
  lifecycle_stage: LifecycleStage;
  revision: number;
}

/** An experiment that changed. */
export interface IExperimentChange {
  experiment_id: string;
  revision: number;
}

/** A registered model that changed. */
export interface IModelNameChange {
  name: string;
  revision: number;
}

/** A pipeline run that changed. */
export interface IPipelineRunChange {
  run_id: string;
  revision: number;
}

/** A pipeline that changed, or whose versions did. */
export interface IPipelineChange {
  pipeline_id: string;
  revision: number;
}

/** Something that recurs and changed, or of which a run was due. */
export interface IRecurringChange {
  recurring_run_id: string;
  revision: number;
}

/** Something that is gone for good. */
export interface IDeleted {
  kind: 'job' | 'run' | 'experiment' | 'model' | 'pipeline_run' | 'pipeline' | 'recurring_run';
  id: string;
  revision: number;
}

/** Everything that changed after a revision. */
export interface IChanges {
  revision: number;
  /** Whether this is a fresh snapshot rather than a continuation. */
  reset: boolean;
  jobs: IJob[];
  runs: IRunChange[];
  experiments: IExperimentChange[];
  /** Registered models; older servers do not tell of them. */
  models?: IModelNameChange[];
  /** Pipeline runs; older servers do not tell of them. */
  pipeline_runs?: IPipelineRunChange[];
  /** Pipelines and what recurs; older servers do not tell of them. */
  pipelines?: IPipelineChange[];
  recurring_runs?: IRecurringChange[];
  /** What is gone for good. */
  deleted: IDeleted[];
}

/** MLflow's status of a run. */
export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';

/** What is in the trash. */
export interface ITrash {
  experiments: number;
  runs: number;
  models: number;
}

/** What a deletion for ever did. */
export interface IPurged extends ITrash {
  /** How many things were left, because something speaks for them. */
  kept: number;
}

/** Whether something is in the trash. */
export type LifecycleStage = 'active' | 'deleted';

/** A key and a value, as MLflow writes params and tags. */
export interface IKeyValue {
  key: string;
  value: string;
}

/** One point of a metric. */
export interface IMetric {
  key: string;
  value: number;
  timestamp: number;
  step: number;
}

/** MLflow's facts about a run. */
export interface IRunInfo {
  run_id: string;
  run_name: string;
  experiment_id: string;
  user_id: string;
  status: RunStatus;
  start_time: number;
  end_time: number | null;
  artifact_uri: string;
  lifecycle_stage: LifecycleStage;
}

/** A dataset that a run read. */
export interface IDatasetInput {
  tags: IKeyValue[];
  dataset: {
    name: string;
    digest: string;
    source_type: string;
    source: string;
    schema?: string;
    profile?: string;
  };
}

/** A run with its latest metrics, its params and its tags. */
export interface IRun {
  info: IRunInfo;
  metrics: ReadonlyMap<string, IMetric>;
  params: ReadonlyMap<string, string>;
  tags: ReadonlyMap<string, string>;
  datasets: IDatasetInput[];
}

/** One page of runs. */
export interface IRunPage {
  runs: IRun[];
  nextPageToken: string | null;
}

/** An experiment. */
export interface IExperiment {
  experiment_id: string;
  name: string;
  artifact_location: string;
  lifecycle_stage: LifecycleStage;
  creation_time: number;
  last_update_time: number;
  tags: IKeyValue[];
}

/** A point of one of several runs, as the bulk history sends it. */
export interface IRunMetric extends IMetric {
  run_id: string;
}

/** A file or folder among a run's artifacts; `path` is relative to the run's root. */
export interface IArtifact {
  path: string;
  is_dir: boolean;
  file_size: number | null;
}

/** The state of a run or a job, for icons and words. */
export type AnyState = JobState | RunStatus;

/** Whether a job has come to its end. */
export function hasEnded(job: Pick<IJob, 'state'>): boolean {
  return job.state === 'SUCCEEDED' || job.state === 'FAILED' || job.state === 'CANCELED';
}
