import { type JSONObject, UUID } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { compareRuns, type Goal, type IComparison, MOST } from '../../api/compare';
import { ApiError, explain } from '../../api/request';
import type { CompareTab, ICompareArgs } from '../../commands';
import { Coalescer } from '../../models/coalesce';
import { outsideOf } from '../../models/outside';
import type { IModelChange, ITracksideModel } from '../../tokens';
import { type IPlotChoice, readChoice, writeChoice } from './plots/choice';

/** How often runs are compared anew while some of them go on, at most. */
const REFRESH_EVERY = 2000;

/** Runs side by side, kept fresh. */
export class CompareModel implements IDisposable {
  constructor(
    readonly tracks: ITracksideModel,
    args: ICompareArgs
  ) {
    this.key = args.key ?? UUID.uuid4();
    this._runIds = unique(args.run_ids);
    this.base = args.base ?? null;
    this.metric = args.metric ?? null;
    this.goal = args.goal ?? null;
    this._tab = args.tab ?? 'differences';
    this._plots = readChoice(args.plots);
    this.loader = new Coalescer(() => this.load());
    tracks.changed.connect(this.onChanged, this);
    tracks.connectionChanged.connect(this.onConnection, this);
    void this.loader.run();
  }

  /** By what it is restored: its runs change, and this does not. */
  readonly key: string;
  /** What the server said last. */
  comparison: IComparison | null = null;
  /** Why it did not say more, in a sentence. */
  problem = '';
  /** The runs that are gone for good. */
  missing: readonly string[] = [];

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when something else is chosen of the plots: the rest is not drawn for that. */
  get plotsChanged(): ISignal<this, void> {
    return this._plotsChanged;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The runs, in the order of their columns. */
  get runIds(): readonly string[] {
    return this._runIds;
  }

  get tab(): CompareTab {
    return this._tab;
  }
  set tab(tab: CompareTab) {
    if (tab !== this._tab) {
      this._tab = tab;
      this._changed.emit();
    }
  }

  /** What is chosen of the plots. */
  get plots(): IPlotChoice {
    return this._plots;
  }

  /** Whether any of the runs goes on. */
  get isLive(): boolean {
    return (
      this.comparison?.runs.some(({ status }) => status === 'RUNNING' || status === 'SCHEDULED') ??
      false
    );
  }

  /** Whether the runs are kept by a server that does not tell when they change. */
  get isOutside(): boolean {
    return Boolean(outsideOf(this.tracks.info));
  }

  /** What opens this comparison again. */
  get openArgs(): {
    run_ids: string[];
    base: string | null;
    metric: string | null;
    goal: Goal | null;
    tab: CompareTab;
    plots: JSONObject;
  } {
    const { base, metric, goal, tab } = this;
    const plots = writeChoice(this._plots);
    return { run_ids: [...this._runIds], base, metric, goal, tab, plots };
  }

  /** Choose something else of the plots. */
  choosePlots(change: IPlotChoice): void {
    this._plots = { ...this._plots, ...change };
    this._plotsChanged.emit();
  }

  /** Compare other runs, or the same ones in another order. */
  setRuns(runIds: readonly string[]): void {
    this._runIds = unique(runIds);
    if (this.base !== null && !this._runIds.includes(this.base)) {
      this.base = null;
    }
    this.ask();
  }

  /** Leave a run out. */
  remove(runId: string): void {
    this.setRuns(this._runIds.filter(id => id !== runId));
  }

  /** Move a run to the left (-1) or right (1). */
  move(runId: string, by: number): void {
    this.setRuns(moved(this._runIds, runId, by));
  }

  /** Compare code with that of another run. */
  setBase(runId: string): void {
    this.base = runId;
    this.ask();
  }

  /** Say what is better; without a metric it is chosen. */
  setObjective(metric: string | null, goal: Goal | null): void {
    this.metric = metric;
    this.goal = goal;
    this.ask();
  }

  /** Compare anew. */
  async refresh(): Promise<void> {
    await this.loader.run();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this.timer);
    Signal.clearData(this);
  }

  private ask(): void {
    this._changed.emit();
    void this.loader.run();
  }

  private async load(): Promise<void> {
    this.loadedAt = Date.now();
    const { metric, goal, base } = this;
    try {
      const comparison = await compareRuns(this.tracks.trackingApi.settings, {
        runIds: this._runIds,
        base,
        objective: metric === null ? null : { metric, goal }
      });
      if (this._isDisposed) {
        return;
      }
      this.comparison = comparison;
      this.problem = '';
      this.missing = [];
    } catch (error) {
      if (this._isDisposed) {
        return;
      }
      const isGone = error instanceof ApiError && error.details.status === 404;
      this.problem = explain(error, this.tracks.trans);
      this.missing = isGone ? (error.details.reason?.split(',').filter(Boolean) ?? []) : [];
    }
    this._changed.emit();
  }

  private onChanged(_: ITracksideModel, change: IModelChange): void {
    const isOurs =
      change.runs.some(run => this._runIds.includes(run.run_id)) ||
      change.deleted.some(({ id }) => this._runIds.includes(id));
    if (change.reset || isOurs) {
      const wait = Math.max(0, this.loadedAt + REFRESH_EVERY - Date.now());
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        void this.loader.run();
      }, wait);
    }
  }

  private onConnection(): void {
    if (this.problem && this.tracks.connection.state === 'ok') {
      void this.loader.run();
    }
  }

  private base: string | null;
  private metric: string | null;
  private goal: Goal | null;
  private _runIds: readonly string[];
  private _tab: CompareTab;
  private _plots: IPlotChoice;
  private _isDisposed = false;
  private loadedAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly loader: Coalescer;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _plotsChanged = new Signal<this, void>(this);
}

/** The ids in another order: one of them moved. */
export function moved(ids: readonly string[], id: string, by: number): string[] {
  const from = ids.indexOf(id);
  const rest = ids.filter(other => other !== id);
  const to = Math.min(Math.max(from + by, 0), rest.length);
  return [...rest.slice(0, to), id, ...rest.slice(to)];
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)].slice(0, MOST);
}
