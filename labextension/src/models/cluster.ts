import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { ICluster } from '../api/clustertypes';
import { explain } from '../api/request';
import type { IModelChange, ITracksideModel } from '../tokens';
import { Coalescer } from './coalesce';

/** How often the cluster is asked for while somebody looks. */
const EVERY = 15_000;

/** What the cluster has, kept fresh while somebody looks at it and only then. */
export class ClusterModel implements IDisposable {
  constructor(readonly model: ITracksideModel) {
    this.loader = new Coalescer(() => this.load());
    model.changed.connect(this.onChanged, this);
    document.addEventListener('visibilitychange', this.refreshIfOld);
  }

  /** What the server said last. */
  get cluster(): ICluster | null {
    return this._cluster;
  }

  /** The cluster, where there is one. */
  get present(): ICluster | null {
    const { cluster } = this;
    return cluster && cluster.state !== 'none' && cluster.state !== 'off' ? cluster : null;
  }

  /** When it said so. */
  get askedAt(): number {
    return this._askedAt;
  }

  /** Why it did not answer, in a sentence. */
  get problem(): string {
    return this._problem;
  }

  /** Whether somebody looks. */
  get isWatched(): boolean {
    return this.timer !== undefined;
  }

  /** Emitted after each answer, and when the last one looks away. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.unwatch();
    this.model.changed.disconnect(this.onChanged, this);
    document.removeEventListener('visibilitychange', this.refreshIfOld);
    Signal.clearData(this);
  }

  /** Look at it from now on. */
  watch(): void {
    if (!this.isWatched && !this._isDisposed) {
      this.timer = setInterval(this.refreshIfOld, EVERY);
      this.refreshIfOld();
    }
  }

  /** Look away. */
  unwatch(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this._changed.emit();
  }

  private async load(): Promise<void> {
    let problem = '';
    this.isAsking = true;
    try {
      const isFresh = this.needsFresh;
      this.needsFresh = false;
      this._cluster = await this.model.jobsApi.cluster(isFresh);
    } catch (error) {
      problem = explain(error, this.model.trans);
    }
    this.isAsking = false;
    this._problem = problem;
    this._askedAt = Date.now();
    this._changed.emit();
  }

  private onChanged(_: ITracksideModel, change: IModelChange): void {
    // Everything is asked for anew, by the button or after a break.
    if (change.reset && this.isWatched) {
      this.needsFresh = true;
      void this.loader.run();
    }
  }

  private readonly refreshIfOld = (): void => {
    const isOld = Date.now() - this._askedAt > EVERY / 2;
    if (this.isWatched && isOld && !this.isAsking && !document.hidden) {
      void this.loader.run();
    }
  };

  private _cluster: ICluster | null = null;
  private _askedAt = 0;
  private _problem = '';
  private _isDisposed = false;
  private isAsking = false;
  private needsFresh = false;
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly loader: Coalescer;
  private readonly _changed = new Signal<this, void>(this);
}
