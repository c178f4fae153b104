import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { ExperimentModel, type IExperimentOptions } from './model';

/** What a document of experiments shows: the table of some, and of others when these are chosen. */
export class ExperimentDocument implements IDisposable {
  constructor(private readonly options: IExperimentOptions) {
    this._table = this.make(options);
  }

  /** The table that is shown. */
  get table(): ExperimentModel {
    return this._table;
  }

  get tracks(): IExperimentOptions['tracks'] {
    return this.options.tracks;
  }

  /** Emitted when the table changed or is another one. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when other experiments are shown. */
  get chosen(): ISignal<this, void> {
    return this._chosen;
  }

  get isDisposed(): boolean {
    return this._table.isDisposed;
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._table.dispose();
      Signal.clearData(this);
    }
  }

  /** Show other experiments. */
  choose(experimentIds: readonly string[]): void {
    this._table.dispose();
    this._table = this.make({ ...this.options, experimentIds, filter: undefined });
    this._chosen.emit();
    this._changed.emit();
  }

  private make(options: IExperimentOptions): ExperimentModel {
    const table = new ExperimentModel(options);
    table.changed.connect(() => this._changed.emit());
    return table;
  }

  private _table: ExperimentModel;
  private readonly _chosen = new Signal<this, void>(this);
  private readonly _changed = new Signal<this, void>(this);
}
