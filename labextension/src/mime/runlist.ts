import type { IDisposable } from '@lumino/disposable';
import { Throttler } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import { explain } from '../api/request';
import type { IRun } from '../api/types';
import { Coalescer } from '../models/coalesce';
import type { IModelChange, ITracksideModel } from '../tokens';
import { isGone } from './live';
import { readRuns } from './readruns';

/** The least time between two questions that only news about metrics caused. */
const GAP = 1000;

/** The runs of an output, from the server as soon as they are looked at, and true from then on. */
export class RunList implements IDisposable {
  constructor(
    readonly model: ITracksideModel,
    readonly runIds: readonly string[]
  ) {
    this.search = new Coalescer(() => this.fetch());
    this.soon = new Throttler(() => this.search.run(), { limit: GAP, edge: 'trailing' });
  }

  /** The runs that are there; nothing until the first answer. */
  get runs(): readonly IRun[] | null {
    return this._runs;
  }

  /** Why the runs could not be fetched, in a sentence. */
  get problem(): string {
    return this._problem;
  }

  /** Emitted when anything of the above changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.soon.dispose();
      Signal.clearData(this);
    }
  }

  /** Begin: the output is in view. */
  start(): void {
    if (!this.hasStarted) {
      this.hasStarted = true;
      this.model.changed.connect(this.onChanged, this);
      void this.search.run();
    }
  }

  private async fetch(): Promise<void> {
    try {
      const runs = await readRuns(this.model.trackingApi, this.runIds);
      if (!this._isDisposed) {
        this._runs = runs;
        this._problem = '';
        this._changed.emit();
      }
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (!this._isDisposed) {
      this._problem = isGone(error)
        ? this.model.trans.__('These runs are no longer on the server.')
        : explain(error, this.model.trans);
      this._changed.emit();
    }
  }

  private onChanged(_: ITracksideModel, change: IModelChange): void {
    const isMine = (id: string): boolean => this.runIds.includes(id);
    if (change.reset || change.deleted.some(({ id }) => isMine(id))) {
      void this.search.run();
    } else if (change.runs.some(({ run_id }) => isMine(run_id))) {
      void this.soon.invoke().catch(() => undefined);
    }
  }

  private readonly search: Coalescer;
  private readonly soon: Throttler<void>;
  private hasStarted = false;
  private _runs: readonly IRun[] | null = null;
  private _problem = '';
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}
