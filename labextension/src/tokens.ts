import type { TranslationBundle } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';
import type { IObservableDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { JobsApi } from './api/jobs';
import type { KfpApi } from './api/kfp';
import type { PipelineRunsApi } from './api/pipelineruns';
import type { PipelinesApi } from './api/pipelines';
import type { RecurringApi } from './api/recurring';
import type { RegistryApi } from './api/registry';
import type { TrackingApi } from './api/tracking';
import type {
  IDeleted,
  IExperimentChange,
  IJob,
  IModelNameChange,
  IPipelineChange,
  IPipelineRunChange,
  IRecurringChange,
  IRunChange,
  IServerInfo
} from './api/types';
import type { KfpServer } from './models/kfp';

/** How well the front end is in touch with the server. */
export interface IConnection {
  /**
   * - `connecting`: nothing was heard yet
   * - `ok`: what is shown is what the server said last
   * - `offline`: the server does not answer; what is shown may be old, and the model keeps trying
   * - `unavailable`: it will not answer until somebody does something
   */
  state: 'connecting' | 'ok' | 'offline' | 'unavailable';
  /** One or two sentences about what is wrong and what to do, or nothing. */
  sentence: string;
}

/** What one round of catching up with the server brought. */
export interface IModelChange {
  /** Jobs that are new or different, as they are now. */
  jobs: IJob[];
  /** Jobs as they were before, by id; new ones are absent. */
  before: ReadonlyMap<string, IJob>;
  /** Runs that moved. Fetch them when they are shown. */
  runs: IRunChange[];
  /** Experiments that moved. */
  experiments: IExperimentChange[];
  /** Registered models that moved. */
  models: IModelNameChange[];
  /** Pipeline runs that moved, or tasks of which did. */
  pipelineRuns: IPipelineRunChange[];
  /** Pipelines that moved, or versions of which did. */
  pipelines: IPipelineChange[];
  /** What recurs and moved. */
  recurring: IRecurringChange[];
  /** What is gone for good. */
  deleted: IDeleted[];
  /** Whether something may have been missed, so that everything shown is to be fetched anew. */
  reset: boolean;
}

/** The jobs of the server, kept true in the browser, and the news about runs. */
export interface ITracksideModel extends IObservableDisposable {
  /** Trackside's own routes. */
  readonly jobsApi: JobsApi;
  /** The MLflow routes. */
  readonly trackingApi: TrackingApi;
  /** The routes of the registry of models. */
  readonly registryApi: RegistryApi;
  /** The routes of pipeline runs. */
  readonly pipelineRunsApi: PipelineRunsApi;
  /** The routes of lists of pipeline runs and of pipelines. */
  readonly pipelinesApi: PipelinesApi;
  /** The routes of what recurs. */
  readonly recurringApi: RecurringApi;
  /** The routes about the server of Kubeflow Pipelines. */
  readonly kfpApi: KfpApi;
  /** The server of Kubeflow Pipelines, if the Jupyter server was told of one. */
  readonly kfp: KfpServer;
  /** The strings of the interface. */
  readonly trans: TranslationBundle;
  /** The jobs that are known, by id. A job is never changed in place: a new object takes its place. */
  readonly jobs: ReadonlyMap<string, IJob>;
  /** The newest revision that was seen. */
  readonly revision: number;
  /** What the server is, once it has said so. */
  readonly info: IServerInfo | null;
  /** Emitted when the server says something else about where the runs are kept. */
  readonly infoChanged: ISignal<ITracksideModel, IServerInfo>;
  /** How well the front end is in touch with the server. */
  readonly connection: IConnection;
  /** Emitted when jobs, runs, experiments or registered models changed; never for what was known already. */
  readonly changed: ISignal<ITracksideModel, IModelChange>;
  /** Emitted when the connection got better or worse. */
  readonly connectionChanged: ISignal<ITracksideModel, IConnection>;
  /** Resolves when the first snapshot is there; never rejects. */
  readonly ready: Promise<void>;

  /** Catch up with the server now; with `everything`, from a fresh snapshot. */
  refresh(everything?: boolean): Promise<void>;
  /** The job by id or name, fetched when it is not among the known ones. */
  fetchJob(job: string): Promise<IJob>;
  /** Take note of a job that a reply brought, unless something newer is known. */
  merge(job: IJob): void;
  /** Forget an ended job and its log; its run stays. */
  forgetJob(id: string): Promise<void>;
  /** Whether the server may have jobs older than the known ones. */
  readonly hasEarlierJobs: boolean;
  /** Fetch a page of older jobs. */
  loadEarlierJobs(): Promise<void>;
  /** The job of a run, if it is known. */
  jobOfRun(runId: string): IJob | undefined;
}

/** The model of the front end. */
export const ITracksideModel = new Token<ITracksideModel>(
  'trackside:ITracksideModel',
  'The jobs of the Trackside server, kept true in the browser, and the news about runs.'
);
