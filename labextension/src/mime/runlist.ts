import type { IDisposable } from '@lumino/disposable';
import { Throttler } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import { explain } from '../api/request';
import type { IRun } from '../api/types';
import { Coalescer } from '../models/coalesce';
import type { IModelChange, ITracksideModel } from '../tokens';
import { readRuns } from './readruns';

/** The least time between two questions that only news about metrics caused. */
const GAP = 1000;

/** The runs of an output, from the server as soon as they are looked at, and true from then on. */
export class RunList implements IDisposable {
  constructor(
    readonly model: ITracksideModel,
    readonly runIds: readonly string[]
  ) {
    this.mark(runIds);
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

  /** Whether a run goes on. */
  get isLive(): boolean {
    return this._runs?.some(isOpen) ?? true;
  }

  /** Begin: the output is in view. */
  start(): void {
    if (!this.hasStarted) {
      this.hasStarted = true;
      this.model.changed.connect(this.onChanged, this);
      this.model.connectionChanged.connect(this.onConnection, this);
      void this.search.run();
    }
  }

  /** Read what goes on anew, or everything when nothing does. */
  async refresh(): Promise<void> {
    const open = this._runs?.filter(isOpen).map(({ info }) => info.run_id) ?? [];
    this.mark(open.length > 0 ? open : this.runIds);
    await this.search.run();
  }

  private async fetch(): Promise<void> {
    const { trans, trackingApi } = this.model;
    const wanted = this.runIds.filter(id => this.moved.has(id));
    this.moved.clear();
    try {
      const { found, gone } = await readRuns(trackingApi, wanted);
      found.forEach((run, id) => this.known.set(id, run));
      gone.forEach(id => this.known.set(id, null));
      this._runs = this.runIds.flatMap(id => this.known.get(id) ?? []);
      const isEmpty = this.runIds.length > 0 && this._runs.length === 0;
      this._problem = isEmpty
        ? trans._n(
            'This run is no longer on the server.',
            'These runs are no longer on the server.',
            this.runIds.length
          )
        : '';
    } catch (error) {
      this.mark(wanted);
      this._problem = explain(error, trans);
    }
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  /** Have runs read anew, other than those that are gone for ever. */
  private mark(ids: readonly string[]): void {
    ids.filter(id => this.known.get(id) !== null).forEach(id => this.moved.add(id));
  }

  private onChanged(_: ITracksideModel, change: IModelChange): void {
    const isMine = (id: string): boolean => this.runIds.includes(id);
    const deleted = change.deleted.map(({ id }) => id).filter(isMine);
    const moved = change.runs.map(({ run_id }) => run_id).filter(isMine);
    this.mark(change.reset ? this.runIds : [...deleted, ...moved]);
    if (change.reset || deleted.length > 0) {
      void this.search.run();
    } else if (moved.length > 0) {
      void this.soon.invoke().catch(() => undefined);
    }
  }

  private onConnection(): void {
    if (this._problem && this.model.connection.state === 'ok') {
      void this.search.run();
    }
  }

  private readonly search: Coalescer;
  private readonly soon: Throttler<void>;
  // The runs as they were read; nothing for those that are gone for ever.
  private readonly known = new Map<string, IRun | null>();
  private readonly moved = new Set<string>();
  private hasStarted = false;
  private _runs: readonly IRun[] | null = null;
  private _problem = '';
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}

function isOpen({ info }: IRun): boolean {
  return info.status === 'RUNNING' || info.status === 'SCHEDULED';
}
