/** What KFP's API says of the tasks of pipeline runs; what is not known is absent. */

/** The state of a run. */
export type PipelineState =
  'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'SKIPPED' | 'FAILED' | 'CANCELING' | 'CANCELED' | 'PAUSED';

/** The state of a task. */
export type TaskState = PipelineState | 'CACHED';

/** What a task is. */
export type TaskType =
  | 'ROOT'
  | 'RUNTIME'
  | 'IMPORTER'
  | 'DAG'
  | 'LOOP'
  | 'LOOP_ITERATION'
  | 'EXIT_HANDLER'
  | 'CONDITION'
  | 'CONDITION_BRANCH';

/** A JSON value. */
export type Value = unknown;

/** An artifact between tasks. */
export interface ITaskArtifact {
  artifact_id?: string;
  name?: string;
  type?: string;
  uri?: string;
  metadata?: Record<string, Value>;
}

/** What goes into a task or comes out of it. */
export interface ITaskValues {
  parameters?: {
    parameter_key: string;
    value?: Value;
    producer?: { task_name?: string; iteration?: number };
  }[];
  artifacts?: {
    artifact_key: string;
    artifacts?: ITaskArtifact[];
    producer?: { task_name?: string; iteration?: number };
  }[];
}

/** One task, repetition or graph of a run. */
export interface IPipelineTask {
  run_id?: string;
  task_id: string;
  name: string;
  display_name?: string;
  type?: TaskType;
  scope_path?: string[];
  parent_task_id?: string;
  child_tasks?: { task_id: string; name?: string }[];
  type_attributes?: { iteration_index?: number; iteration_count?: number };
  state?: TaskState;
  create_time?: string;
  start_time?: string;
  end_time?: string;
  status_metadata?: { message?: string };
  inputs?: ITaskValues;
  outputs?: ITaskValues;
  /** What a KFP server does not know. */
  trackside?: {
    path?: string;
    reason?: string;
    attempt?: number;
    max_attempts?: number;
    job_id?: string;
    mlflow_run_id?: string;
    cached_from?: { run_id?: string; task_id?: string };
    unheeded?: string[];
    open_in_kfp?: string;
  };
}
