import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { explain } from '../../api/request';
import { hasEnded, type IJob, type IRun } from '../../api/types';
import { CurveStore } from '../../charts/curves';
import type { IOpenRunArgs, RunTab } from '../../commands';
import { isGone } from '../../mime/live';
import { Coalescer } from '../../models/coalesce';
import type { IModelChange, ITracksideModel } from '../../tokens';

/** How often a run is fetched while it goes on, at most. */
const REFRESH_EVERY = 1000;

/** A run as its document shows it, with its job when one stands behind it. */
export class RunModel implements IDisposable {
  constructor(
    readonly tracks: ITracksideModel,
    private readonly args: IOpenRunArgs
  ) {
    this.runId = args.run_id;
    this._tab = args.tab ?? 'overview';
    this.job = tracks.jobOfRun(this.runId) ?? null;
    this.curves = new CurveStore(tracks.trackingApi);
    this.loader = new Coalescer(() => this.load());
    tracks.changed.connect(this.onChanged, this);
    tracks.connectionChanged.connect(this.onConnection, this);
    void this.loader.run();
    void this.findJob(args.job_id);
  }

  readonly runId: string;
  readonly curves: CurveStore;
  run: IRun | null = null;
  job: IJob | null;
  /** Why there is no run to show, in a sentence. */
  problem = '';

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get tab(): RunTab {
    return this._tab;
  }
  set tab(tab: RunTab) {
    if (tab !== this._tab) {
      this._tab = tab;
      this._changed.emit();
    }
  }

  /** Whose log is shown: that of one of the pods of a job on a cluster. */
  get rank(): number {
    return this._rank;
  }
  set rank(rank: number) {
    if (rank !== this._rank) {
      this._rank = rank;
      this._changed.emit();
    }
  }

  /** The name, as far as it is known. */
  get name(): string {
    return this.job?.name ?? this.run?.info.run_name ?? this.args.name ?? this.runId.slice(0, 8);
  }

  /** What opens this document again. */
  get openArgs(): IOpenRunArgs & Record<string, string | undefined> {
    return {
      run_id: this.runId,
      job_id: this.job?.job_id ?? this.args.job_id,
      name: this.name,
      tab: this.tab
    };
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this.timer);
    this.curves.dispose();
    Signal.clearData(this);
  }

  /** Fetch the run anew: an outside server does not tell when it changes. */
  async refresh(): Promise<void> {
    await this.loader.run();
  }

  private async load(): Promise<void> {
    this.loadedAt = Date.now();
    try {
      const run = await this.tracks.trackingApi.run(this.runId);
      if (this._isDisposed) {
        return;
      }
      this.run = run;
      this.problem = '';
      this.curves.refresh();
      if (!this.job) {
        void this.findJob(run.tags.get('trackside.job_id'));
      }
    } catch (error) {
      if (this._isDisposed) {
        return;
      }
      this.problem = isGone(error)
        ? this.tracks.trans.__('This run is no longer on the server.')
        : explain(error, this.tracks.trans);
    }
    this._changed.emit();
  }

  private async findJob(id: string | undefined): Promise<void> {
    await this.tracks.ready;
    const known = this.tracks.jobOfRun(this.runId);
    if (known || this._isDisposed || this.job || !id) {
      this.setJob(known);
      return;
    }
    // A run goes on without its job: that may have been forgotten.
    this.setJob(await this.tracks.fetchJob(id).catch(() => undefined));
  }

  private setJob(job: IJob | undefined): void {
    const before = this.job;
    if (this._isDisposed || !job || job === before) {
      return;
    }
    this.job = job;
    if (before && (before.attempt !== job.attempt || hasEnded(before) !== hasEnded(job))) {
      this.curves.startOver();
    }
    this._changed.emit();
  }

  private onChanged(_: ITracksideModel, change: IModelChange): void {
    this.setJob(this.tracks.jobOfRun(this.runId));
    const isOurs =
      change.runs.some(run => run.run_id === this.runId) ||
      change.deleted.some(({ id }) => id === this.runId);
    if (change.reset || isOurs) {
      const wait = Math.max(0, this.loadedAt + REFRESH_EVERY - Date.now());
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        void this.loader.run();
      }, wait);
    }
  }

  private onConnection(): void {
    if (this.tracks.connection.state === 'ok') {
      // What failed to come while the server was away is asked for again.
      this.curves.refresh([]);
      if (this.problem) {
        void this.loader.run();
      }
    }
    this._changed.emit();
  }

  private _tab: RunTab;
  private _rank = 0;
  private _isDisposed = false;
  private loadedAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly loader: Coalescer;
  private readonly _changed = new Signal<this, void>(this);
}
