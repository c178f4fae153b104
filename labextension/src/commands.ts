import type { PipelinePlace } from './api/pipelineplace';

/** The ids of the commands. */
export const CommandIDs = {
  /** Show the panel. */
  showPanel: 'trackside:show-panel',
  /** Catch up with the server now. */
  refresh: 'trackside:refresh',
  /** Open a run in the main area. Args: {@link IOpenRunArgs}. */
  openRun: 'trackside:open-run',
  /** Open the log of a job. Args: `{ job }`. */
  showLog: 'trackside:show-log',
  /** Stop a job. Args: `{ job }`. */
  stopJob: 'trackside:stop-job',
  /** Run a job again. Args: `{ job }`. */
  rerunJob: 'trackside:rerun-job',
  /** Forget an ended job. Args: `{ job }`. */
  deleteJob: 'trackside:delete-job',
  /** Open the notebook or script that a job came from. Args: `{ job }`. */
  openSource: 'trackside:open-source',
  /** Copy the name of a job or a run. Args: `{ job }` or `{ run }`. */
  copyName: 'trackside:copy-name',
  /** Copy the id of a run. Args: `{ job }` or `{ run }`. */
  copyRunId: 'trackside:copy-run-id',
  /** Give a run another name. Args: `{ run }`. */
  renameRun: 'trackside:rename-run',
  /** Move a run to the trash. Args: `{ run }`. */
  deleteRun: 'trackside:delete-run',
  /** Delete a run that is in the trash for ever. Args: `{ run }`. */
  purgeRun: 'trackside:delete-run-for-ever',
  /** Delete for ever what is in the trash. */
  emptyTrash: 'trackside:empty-trash',
  /** Open the launch dialog. Args: `{ path? }`. */
  launch: 'trackside:launch',
  /** Open the launch dialog for the notebook in view. */
  trainNotebook: 'trackside:train-notebook',
  /** Open the launch dialog for the active cell. */
  trainCell: 'trackside:train-cell',
  /** Open the launch dialog for the file that is selected in the file browser. */
  trainFile: 'trackside:train-file',
  /** Open the dialog that imports what MLflow holds. */
  importMlflow: 'trackside:import-mlflow',
  /** Open the table of one or several experiments. Args: {@link IOpenExperimentArgs}. */
  openExperiment: 'trackside:open-experiment',
  /** Make an experiment and open it. Args: `{ name? }`. */
  createExperiment: 'trackside:create-experiment',
  /** Give an experiment another name. Args: `{ experiment_id, name? }`. */
  renameExperiment: 'trackside:rename-experiment',
  /** Move an experiment and its runs to the trash. Args: `{ experiment_id }`. */
  deleteExperiment: 'trackside:delete-experiment',
  /** Write a tag of runs. Args: `{ run_ids, key?, value? }`. */
  tagRuns: 'trackside:tag-runs',
  /** Move runs to the trash. Args: `{ run_ids }`. */
  deleteRuns: 'trackside:delete-runs',
  /** Take runs back from the trash. Args: `{ run_ids }`. */
  restoreRuns: 'trackside:restore-runs',
  /** Open the comparison of runs; asks for them where fewer than two are named. Args: {@link ICompareArgs}. */
  compareRuns: 'trackside:compare-runs',
  /** Open a registered model. Args: {@link IOpenModelArgs}. */
  openModel: 'trackside:open-model',
  /** Register a model of a run. Args: `{ run }`. */
  registerModel: 'trackside:register-model',
  /** Copy the code that loads a model. Args: `{ name }`. */
  copyModelSnippet: 'trackside:copy-model-snippet',
  /** Give a registered model another name. Args: `{ name }`. */
  renameModel: 'trackside:rename-model',
  /** Delete a registered model with its versions. Args: `{ name }`. */
  deleteModel: 'trackside:delete-model',
  /** Open the trash. */
  openTrash: 'trackside:open-trash',
  /** Run a run again, with the same code, params and resources. Args: `{ run }`. */
  runAgain: 'trackside:run-again',
  /** Open the code of a run as a new notebook. Args: `{ run }`. */
  openAsNotebook: 'trackside:open-as-notebook',
  /** Open TensorBoard on the event files of runs. Args: `{ run }` or `{ run_ids }`. */
  openTensorboard: 'trackside:open-tensorboard',
  /** Read the scalars of event files into the metrics. Args: `{ run }` or `{ run_ids }`. */
  readScalars: 'trackside:read-tensorboard-scalars',
  /** Open a pipeline run. Args: {@link IOpenPipelineRunArgs}. */
  openPipelineRun: 'trackside:open-pipeline-run',
  /** Stop a pipeline run. Args: `{ pipeline_run }`. */
  terminatePipelineRun: 'trackside:terminate-pipeline-run',
  /** Go on from what failed of a pipeline run. Args: `{ pipeline_run }`. */
  retryPipelineRun: 'trackside:retry-pipeline-run',
  /** Open the form that starts a pipeline again with other arguments. Args: `{ pipeline_run }`. */
  clonePipelineRun: 'trackside:clone-pipeline-run',
  /** Open the comparison of two pipeline runs. Args: `{ pipeline_runs }`. */
  comparePipelineRuns: 'trackside:compare-pipeline-runs',
  /** Download the compiled pipeline of a run. Args: `{ pipeline_run }`. */
  downloadPipeline: 'trackside:download-pipeline',
  /** Open the list of all pipeline runs. Args: {@link IOpenPipelineRunsArgs}. */
  openPipelineRuns: 'trackside:open-pipeline-runs',
  /** Put pipeline runs away. Args: `{ pipeline_runs }` or `{ pipeline_run }`. */
  archivePipelineRuns: 'trackside:archive-pipeline-runs',
  /** Delete pipeline runs. Args: `{ pipeline_runs }` or `{ pipeline_run }`. */
  deletePipelineRuns: 'trackside:delete-pipeline-runs',
  /** Open a pipeline that was uploaded. Args: {@link IOpenPipelineArgs}. */
  openPipeline: 'trackside:open-pipeline',
  /** Delete a pipeline with its versions. Args: `{ pipeline }`. */
  deletePipeline: 'trackside:delete-pipeline',
  /** Open the form that runs a pipeline. Args: `{ pipeline, version?, recurring? }`. */
  runPipeline: 'trackside:run-pipeline',
  /** Open the form that runs the compiled pipeline of a file. Args: `{ path? }`. */
  runPipelineFile: 'trackside:run-pipeline-file',
  /** Open the form that sends to a KFP server. Args: `{ pipeline, version? }`, `{ pipeline_run }`, `{ path }` or `{ ask }`. */
  sendToKubeflow: 'trackside:send-to-kubeflow',
  /** Upload a compiled pipeline as a new version of a pipeline. Args: `{ pipeline, path?, name? }`. */
  uploadPipelineVersion: 'trackside:upload-pipeline-version',
  /** Open the form that changes what recurs. Args: `{ recurring_run }`. */
  editRecurringRun: 'trackside:edit-recurring-run',
  /** Let a recurring run start runs, or no longer. Args: `{ recurring_run, enabled? }`. */
  enableRecurringRun: 'trackside:enable-recurring-run',
  /** Start a run of what recurs now. Args: `{ recurring_run }`. */
  startRecurringRun: 'trackside:start-recurring-run',
  /** Delete what recurs; its runs stay. Args: `{ recurring_run }`. */
  deleteRecurringRun: 'trackside:delete-recurring-run',
  /** Open the runs of what recurs. Args: `{ recurring_run }`. */
  openRecurringRuns: 'trackside:open-recurring-runs',
  /** Open what recurred last. Args: `{ recurring_run }`. */
  openLastRun: 'trackside:open-last-run',
  /** Have the cluster start the runs of a job that recurs. Args: `{ recurring_run }`. */
  keepOnCluster: 'trackside:keep-on-cluster',
  /** Have this server start them again. Args: `{ recurring_run, leave? }`. */
  takeFromCluster: 'trackside:take-from-cluster',
  /** Open the form that has the selected notebook or script recur. Args: `{ path? }`. */
  scheduleFile: 'trackside:schedule-file',
  /** Show what recurs in the panel. */
  showRecurring: 'trackside:show-recurring'
} as const;

/** A tab of the run document. */
export type RunTab =
  'overview' | 'charts' | 'system' | 'logs' | 'artifacts' | 'code' | 'environment';

/** The arguments of {@link CommandIDs.openRun}. */
export interface IOpenRunArgs {
  run_id: string;
  /** The job of the run, when it is known. */
  job_id?: string;
  /** The name to show until the run is there. */
  name?: string;
  /** The tab to show. */
  tab?: RunTab;
}

/** The arguments of {@link CommandIDs.openExperiment}. */
export interface IOpenExperimentArgs {
  /** Which experiments; the one that is used most recently if absent. */
  experiment_ids?: string[];
  /** A filter in MLflow's grammar to begin with. */
  filter?: string;
}

/** A tab of the comparison. */
export type CompareTab = 'differences' | 'curves' | 'code' | 'environment' | 'plots';

/** The arguments of {@link CommandIDs.compareRuns}. */
export interface ICompareArgs {
  run_ids: readonly string[];
  /** The run that code is compared with; the oldest if absent. */
  base?: string | null;
  /** Of a comparison that is restored: by what it is known. */
  key?: string;
  /** The metric that says what is better; chosen if absent. */
  metric?: string | null;
  /** Whether less or more of it is better. */
  goal?: 'min' | 'max' | null;
  /** The tab to show. */
  tab?: CompareTab;
  /** Of a comparison that is restored: what was chosen of its plots. */
  plots?: unknown;
}

/** The arguments of {@link CommandIDs.openModel}. */
export interface IOpenModelArgs {
  name: string;
  /** The version to show. */
  version?: string;
}

/** The arguments of {@link CommandIDs.openPipelineRun}. */
export interface IOpenPipelineRunArgs {
  run_id: string;
  /** The name to show until the run is there. */
  name?: string;
  /** The path of the task to show. */
  task?: string;
  /** The id of the task to show, where its path is not known. */
  task_id?: string;
}

/** The arguments of {@link CommandIDs.openPipelineRuns}. */
export interface IOpenPipelineRunsArgs {
  /** Where they are; here, or where the pipeline or what recurs is, if absent. */
  place?: PipelinePlace;
  /** Only those of a pipeline that was uploaded, or of what recurs. */
  pipeline?: string;
  recurring_run?: string;
}

/** The arguments of {@link CommandIDs.openPipeline}. */
export interface IOpenPipelineArgs {
  pipeline: string;
  /** The name to show until the pipeline is there. */
  name?: string;
  /** The id of the version to show. */
  version?: string;
}

/**
 * Attributes by which the context menu finds what was clicked. Anything that shows a job, a run or a
 * registered model and carries them gets the whole menu.
 */
export const DATA_JOB = 'data-trackside-job';
export const DATA_RUN = 'data-trackside-run';
/** Around rows of runs: the ids of those that are selected, each behind a space. */
export const DATA_SELECTED = 'data-trackside-selected';
export const DATA_MODEL = 'data-trackside-model';
export const DATA_PIPELINE_RUN = 'data-trackside-pipeline-run';
export const DATA_PIPELINE = 'data-trackside-pipeline';
export const DATA_RECURRING = 'data-trackside-recurring';
/** Who starts the runs of a job that recurs, where that can be chosen: `server` or `cluster`. */
export const DATA_KEEPER = 'data-trackside-keeper';
/** The job or pipeline run that recurred last, while it is there. */
export const DATA_LAST_RUN = 'data-trackside-last-run';
