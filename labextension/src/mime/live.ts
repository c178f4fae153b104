import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { ApiError, explain } from '../api/request';
import type { IJob } from '../api/types';
import type { IModelChange, ITracksideModel } from '../tokens';

/** Whether the server said that there is no such thing (rather than nothing at all). */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.kind === 'refused' && error.details.status === 404;
}

/** One job as an output shows it: from the server as soon as it answers, and again when it is back. */
export class LiveJob implements IDisposable {
  constructor(
    readonly model: ITracksideModel,
    readonly id: string
  ) {
    this.job = model.jobs.get(id) ?? null;
    model.changed.connect(this.onChanged, this);
    model.connectionChanged.connect(this.onConnection, this);
    if (!this.job) {
      void model.ready.then(() => this.find());
    }
  }

  /** The job, once it is known. */
  job: IJob | null = null;
  /** Whether the server has no such job. */
  gone = false;
  /** Why it could not be fetched, in a sentence. */
  problem = '';

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  /** What to know about what is shown, when the server is away. */
  get notice(): string {
    const { state, sentence } = this.model.connection;
    return state === 'offline' || state === 'unavailable' ? sentence : '';
  }

  private async find(): Promise<void> {
    if (this._isDisposed || this.isFinding) {
      return;
    }
    this.isFinding = true;
    try {
      this.set(await this.model.fetchJob(this.id));
    } catch (error) {
      this.gone = isGone(error);
      this.job = this.gone ? null : this.job;
      this.problem = explain(error, this.model.trans);
      this._changed.emit();
    } finally {
      this.isFinding = false;
    }
  }

  private set(job: IJob): void {
    if (job !== this.job && !this._isDisposed) {
      this.job = job;
      this.gone = false;
      this.problem = '';
      this._changed.emit();
    }
  }

  private onChanged(_: ITracksideModel, change: IModelChange): void {
    const job = this.model.jobs.get(this.id);
    if (job) {
      this.set(job);
    } else if (!this.gone && (change.reset || this.job)) {
      void this.find();
    }
  }

  private onConnection(): void {
    if (!this.job && !this.gone && this.model.connection.state === 'ok') {
      void this.find();
    }
    this._changed.emit();
  }

  private isFinding = false;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}
