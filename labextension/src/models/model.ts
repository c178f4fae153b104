import type { Event, ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { PromiseDelegate } from '@lumino/coreutils';
import { Poll } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import { JobsApi } from '../api/jobs';
import { KfpApi } from '../api/kfp';
import { PipelineRunsApi } from '../api/pipelineruns';
import { PipelinesApi } from '../api/pipelines';
import { RecurringApi } from '../api/recurring';
import { RegistryApi } from '../api/registry';
import { TrackingApi } from '../api/tracking';
import type { IChanges, IJob, IServerInfo } from '../api/types';
import type { IConnection, IModelChange, ITracksideModel } from '../tokens';
import { VERSION } from '../version';
import { Coalescer } from './coalesce';
import { connectionAfter, versionAdvice } from './connection';
import { Doorbell } from './doorbell';
import { KfpServer } from './kfp';
import { mergeChanges } from './merge';
import { isSameInfo, outsideOf } from './outside';
import { withEar } from './silence';

/** How long to wait for news before asking, and at most when that fails. */
const CALM = { interval: 45_000, max: 90_000, backoff: true };

/** The same while the server does not answer: whoever looks at a view waits for it. */
const WHILE_AWAY = { interval: 2000, max: 20_000, backoff: true };

/** How many jobs a snapshot and a page have at most. */
const PAGE = 100;

/** What the model needs. */
export interface IModelOptions {
  serverSettings: ServerConnection.ISettings;
  events: Event.IManager;
  trans: TranslationBundle;
  /** When the fallback poll pauses; while the page is hidden, unless told. */
  standby?: Poll.Standby | (() => boolean | Poll.Standby);
}

/** Keeps the jobs of the server true in the browser. */
export class TracksideModel implements ITracksideModel {
  constructor(options: IModelOptions) {
    this.trans = options.trans;
    const settings = withEar(options.serverSettings, () => this.onSilence());
    this.jobsApi = new JobsApi(settings);
    this.registryApi = new RegistryApi(settings);
    this.pipelineRunsApi = new PipelineRunsApi(settings);
    this.pipelinesApi = new PipelinesApi(settings);
    this.recurringApi = new RecurringApi(settings);
    this.trackingApi = new TrackingApi(settings);
    this.kfpApi = new KfpApi(settings);
    this.kfp = new KfpServer(this.kfpApi);
    this.catchUp = new Coalescer(() => this.fetchChanges());
    this.doorbell = new Doorbell(options.events, () => this.revision);
    this.doorbell.rang.connect(this.onRing, this);
    this.poll = new Poll({
      name: 'trackside:changes',
      auto: false,
      factory: () => this.catchUp.run(),
      frequency: CALM,
      standby: options.standby ?? 'when-hidden'
    });
    void this.poll.start();
  }

  readonly jobsApi: JobsApi;
  readonly trackingApi: TrackingApi;
  readonly registryApi: RegistryApi;
  readonly pipelineRunsApi: PipelineRunsApi;
  readonly pipelinesApi: PipelinesApi;
  readonly recurringApi: RecurringApi;
  readonly kfpApi: KfpApi;
  readonly kfp: KfpServer;
  readonly trans: TranslationBundle;

  get jobs(): ReadonlyMap<string, IJob> {
    return this._jobs;
  }

  get revision(): number {
    return this._revision;
  }

  get info(): IServerInfo | null {
    return this._info;
  }

  get infoChanged(): ISignal<this, IServerInfo> {
    return this._infoChanged;
  }

  get connection(): IConnection {
    return this._connection;
  }

  get changed(): ISignal<this, IModelChange> {
    return this._changed;
  }

  get connectionChanged(): ISignal<this, IConnection> {
    return this._connectionChanged;
  }

  get disposed(): ISignal<this, void> {
    return this._disposed;
  }

  get isDisposed(): boolean {
    return this.poll.isDisposed;
  }

  get ready(): Promise<void> {
    return this._ready.promise;
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.poll.dispose();
    this.doorbell.dispose();
    this.kfp.dispose();
    this._disposed.emit();
    Signal.clearData(this);
  }

  async refresh(everything = false): Promise<void> {
    this.needsSnapshot ||= everything;
    try {
      await this.catchUp.run();
    } catch {
      // The connection says what is wrong; whoever asked for news has nothing to add.
    }
  }

  async fetchJob(id: string): Promise<IJob> {
    const known = this._jobs.get(id) ?? [...this._jobs.values()].find(job => job.name === id);
    if (known) {
      return known;
    }
    const job = await this.jobsApi.get(id);
    this.merge(job);
    return this._jobs.get(job.job_id) ?? job;
  }

  merge(job: IJob): void {
    this.note({ jobs: [job] });
  }

  async forgetJob(id: string): Promise<void> {
    await this.jobsApi.remove(id);
    this.note({ deleted: [{ kind: 'job', id, revision: 0 }] });
  }

  get hasEarlierJobs(): boolean {
    return this._hasEarlierJobs;
  }

  async loadEarlierJobs(): Promise<void> {
    const page = await this.jobsApi.list({
      limit: PAGE,
      page_token: this.earlierToken ?? undefined
    });
    const known = this._jobs.size;
    this.earlierToken = page.next_page_token ?? null;
    this._hasEarlierJobs = this.earlierToken !== null;
    this.note({ jobs: page.jobs });
    if (this._hasEarlierJobs && this._jobs.size === known) {
      // The first page holds what the snapshot brought already.
      await this.loadEarlierJobs();
    }
  }

  jobOfRun(runId: string): IJob | undefined {
    return this.byRun.get(runId);
  }

  private async fetchChanges(): Promise<void> {
    try {
      // An outside server comes and goes without anything changing here.
      if (!this._info || this._connection.state !== 'ok' || outsideOf(this._info)) {
        this.setInfo(await this.jobsApi.info());
      }
      const since = this.needsSnapshot ? undefined : this._revision;
      const reply = await this.jobsApi.changes(since);
      if (this.isDisposed) {
        return;
      }
      this.needsSnapshot = false;
      this.apply(reply);
      this.setConnection({
        state: 'ok',
        sentence: versionAdvice(VERSION, this._info?.version ?? VERSION, this.trans)
      });
    } catch (error) {
      this.setConnection(connectionAfter(error, this.trans));
      throw error;
    } finally {
      this._ready.resolve();
    }
  }

  // What is learned outside of the sequence of changes.
  private note(news: Partial<IChanges>): void {
    this.apply({
      revision: this._revision,
      reset: false,
      jobs: [],
      runs: [],
      experiments: [],
      deleted: [],
      ...news
    });
  }

  private apply(reply: IChanges): void {
    if (reply.reset) {
      this.earlierToken = null;
      this._hasEarlierJobs = reply.jobs.length >= PAGE;
    }
    const merged = mergeChanges(this._jobs, this._revision, reply);
    this._revision = merged.revision;
    if (!merged.change) {
      return;
    }
    this.setJobs(merged.jobs);
    this._changed.emit(merged.change);
  }

  private setJobs(jobs: ReadonlyMap<string, IJob>): void {
    this._jobs = jobs;
    this.byRun = new Map([...jobs.values()].map(job => [job.run_id, job]));
  }

  private setInfo(info: IServerInfo): void {
    const before = this._info;
    this._info = info;
    if (!this.isDisposed && !isSameInfo(before, info)) {
      this._infoChanged.emit(info);
    }
  }

  private setConnection(connection: IConnection): void {
    const { state, sentence } = this._connection;
    if (this.isDisposed || (state === connection.state && sentence === connection.sentence)) {
      return;
    }
    if (connection.state !== 'ok') {
      // What a view asked for meanwhile is lost: all of them ask again when the server is back.
      this.needsSnapshot = true;
    }
    this.poll.frequency = connection.state === 'offline' ? WHILE_AWAY : CALM;
    if (connection.state === 'ok') {
      // Whether there is a KFP server may have been set meanwhile.
      void this.kfp.refresh();
    }
    this._connection = connection;
    this._connectionChanged.emit(connection);
  }

  private onRing(): void {
    void this.refresh();
  }

  // Some view's request was not answered: find out now, and look for the server until it is back.
  private onSilence(): void {
    if (!this.isDisposed && this._connection.state === 'ok') {
      void this.poll.refresh();
    }
  }

  private readonly catchUp: Coalescer;
  private readonly doorbell: Doorbell;
  private readonly poll: Poll;
  private _jobs: ReadonlyMap<string, IJob> = new Map();
  private byRun: ReadonlyMap<string, IJob> = new Map();
  private earlierToken: string | null = null;
  private _hasEarlierJobs = false;
  private needsSnapshot = true;
  private _revision = 0;
  private _info: IServerInfo | null = null;
  private _connection: IConnection = { state: 'connecting', sentence: '' };
  private readonly _ready = new PromiseDelegate<void>();
  private readonly _changed = new Signal<this, IModelChange>(this);
  private readonly _connectionChanged = new Signal<this, IConnection>(this);
  private readonly _infoChanged = new Signal<this, IServerInfo>(this);
  private readonly _disposed = new Signal<this, void>(this);
}
