import type { IDisposable } from '@lumino/disposable';
import { Throttler } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import { explain } from '../api/request';
import type { IExperiment, IRun, IRunChange } from '../api/types';
import type { IModelChange, ITracksideModel } from '../tokens';
import { Coalescer } from './coalesce';
import { toFilter } from './fields';
import { PAGE, unique, withFirstPage } from './pages';
import { DEFAULT_VIEW, type IRunsView, ordersOf, questionOf } from './view';

/** The least time between two searches that only news about metrics caused. */
const GAP = 1000;

/** The runs of the panel: what is looked for, what was found, and how that stays true. */
export class RunsModel implements IDisposable {
  constructor(
    readonly model: ITracksideModel,
    view: Partial<IRunsView> = {}
  ) {
    this._view = { ...DEFAULT_VIEW, ...view };
    this.search = new Coalescer(() => this.fetchFirst());
    this.soon = new Throttler(() => this.search.run(), { limit: GAP, edge: 'trailing' });
    model.changed.connect(this.onChanged, this);
    void model.ready.then(() => (this.hasAsked ? undefined : this.refresh()));
  }

  get view(): IRunsView {
    return this._view;
  }

  /** The experiments to choose from, last used first. */
  get experiments(): readonly IExperiment[] {
    return this._experiments;
  }

  /** The runs that were found so far. */
  get runs(): readonly IRun[] {
    return this._runs;
  }

  /** Whether there are more than were fetched. */
  get hasMore(): boolean {
    return this.nextPageToken !== null;
  }

  /** Whether the first answer to the present question is still to come. */
  get isLoading(): boolean {
    return this._isLoading;
  }

  /** What is wrong with the question, in a sentence. */
  get error(): string {
    return this._error;
  }

  /** Emitted when anything of the above changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when the user asked for something else. */
  get viewChanged(): ISignal<this, IRunsView> {
    return this._viewChanged;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.soon.dispose();
    this.model.changed.disconnect(this.onChanged, this);
    Signal.clearData(this);
  }

  /** Ask for something else. */
  setView(change: Partial<IRunsView>): void {
    const before = this._view;
    this._view = { ...before, ...change };
    this._viewChanged.emit(this._view);
    if (questionOf(this._view) !== questionOf(before)) {
      this._isLoading = true;
      this.question += 1;
      void this.refresh();
    }
    this._changed.emit();
  }

  /** Ask again; with `everything`, for the experiments too. */
  async refresh(everything = false): Promise<void> {
    this.experimentsAreOld ||= everything;
    await this.search.run();
  }

  /** Fetch the next page. */
  async loadMore(): Promise<void> {
    const { question, nextPageToken } = this;
    if (!nextPageToken || this.isLoadingMore || this.isStalled) {
      return;
    }
    this.isLoadingMore = true;
    try {
      const page = await this.model.trackingApi.searchRuns({
        ...this.query(),
        pageToken: nextPageToken
      });
      if (question === this.question && !this._isDisposed) {
        this._runs = unique([...this._runs, ...page.runs]);
        this.nextPageToken = page.nextPageToken;
        this._changed.emit();
      }
    } catch (error) {
      // Until the next answer: whoever looks at the end of the list would ask without end.
      this.isStalled = true;
      this.fail(error, question);
    } finally {
      this.isLoadingMore = false;
    }
  }

  private async fetchFirst(): Promise<void> {
    const { question } = this;
    this.hasAsked = true;
    try {
      if (this.experimentsAreOld) {
        this.experimentsAreOld = false;
        this._experiments = await this.model.trackingApi.experiments();
        this.checkExperiment();
      }
      const page = await this.model.trackingApi.searchRuns(this.query());
      if (question !== this.question || this._isDisposed) {
        return;
      }
      const known = this.shown === question ? this._runs : [];
      const pages = withFirstPage(known, page, this.nextPageToken, this.gone);
      this._runs = pages.runs;
      this.nextPageToken = pages.nextPageToken;
      this.gone.clear();
      this.shown = question;
      this._isLoading = false;
      this.isStalled = false;
      this._error = '';
      this._changed.emit();
    } catch (error) {
      this.experimentsAreOld = true;
      this.fail(error, question);
    }
  }

  private async updateLater(changes: IRunChange[]): Promise<void> {
    const { question } = this;
    const later = new Set(this._runs.slice(PAGE).map(run => run.info.run_id));
    const ids = changes.map(change => change.run_id).filter(id => later.has(id));
    if (!ids.length) {
      return;
    }
    const runs = await Promise.all(ids.slice(0, 20).map(id => this.model.trackingApi.run(id)));
    const byId = new Map(runs.map(run => [run.info.run_id, run]));
    if (question === this.question && !this._isDisposed) {
      this._runs = this._runs.map(run => byId.get(run.info.run_id) ?? run);
      this._changed.emit();
    }
  }

  private query(): {
    experimentIds: string[];
    filter: string;
    orderBy: string[];
    maxResults: number;
  } {
    const { experimentId, filter } = this._view;
    return {
      experimentIds: experimentId
        ? [experimentId]
        : this._experiments.map(experiment => experiment.experiment_id),
      filter: toFilter(filter),
      orderBy: ordersOf(this._view),
      maxResults: PAGE
    };
  }

  // An experiment that was remembered may be gone.
  private checkExperiment(): void {
    const { experimentId } = this._view;
    const isThere = this._experiments.some(({ experiment_id }) => experiment_id === experimentId);
    if (experimentId !== null && !isThere) {
      this._view = { ...this._view, experimentId: null };
      this._viewChanged.emit(this._view);
    }
  }

  private fail(error: unknown, question: number): void {
    if (question === this.question && !this._isDisposed) {
      this._error = explain(error, this.model.trans);
      this._isLoading = false;
      this._changed.emit();
    }
  }

  private onChanged(_: ITracksideModel, change: IModelChange): void {
    change.runs
      .filter(run => run.lifecycle_stage === 'deleted')
      .forEach(run => this.gone.add(run.run_id));
    change.deleted.forEach(({ id }) => this.gone.add(id));
    const { experimentId } = this._view;
    const known = new Set(this._experiments.map(({ experiment_id }) => experiment_id));
    if (
      change.reset ||
      change.deleted.some(({ kind }) => kind === 'run' || kind === 'experiment') ||
      change.experiments.length ||
      change.runs.some(run => !known.has(run.experiment_id))
    ) {
      this.experimentsAreOld = true;
      void this.search.run();
      return;
    }
    const runs = change.runs.filter(
      run => experimentId === null || run.experiment_id === experimentId
    );
    if (!runs.length) {
      return;
    }
    const before = new Map(this._runs.map(run => [run.info.run_id, run.info.status]));
    if (runs.some(run => before.get(run.run_id) !== run.status)) {
      void this.search.run();
    } else {
      void this.soon.invoke().catch(() => undefined);
    }
    void this.updateLater(runs).catch(() => undefined);
  }

  private readonly search: Coalescer;
  private readonly soon: Throttler<void>;
  private _view: IRunsView;
  private _experiments: IExperiment[] = [];
  private experimentsAreOld = true;
  private _runs: IRun[] = [];
  private nextPageToken: string | null = null;
  private isLoadingMore = false;
  private isStalled = false;
  // Runs that were deleted since the last answer.
  private readonly gone = new Set<string>();
  private _isLoading = true;
  private _error = '';
  // Counts what was asked for, so that a late answer to an earlier question is dropped.
  private question = 0;
  private shown = -1;
  private hasAsked = false;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _viewChanged = new Signal<this, IRunsView>(this);
}
