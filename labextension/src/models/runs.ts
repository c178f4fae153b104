import { Throttler } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import type { IExperiment, IRun, IRunChange, IRunPage } from '../api/types';
import type { IModelChange, ITracksideModel } from '../tokens';
import { toFilter } from './fields';
import { PAGE, unique, withFirstPage } from './pages';
import { SearchModel } from './search';
import { DEFAULT_VIEW, type IRunsView, ordersOf, questionOf } from './view';

/** The least time between two searches that only news about metrics caused. */
const GAP = 1000;

/** The runs of the panel: what is looked for, what was found, and how that stays true. */
export class RunsModel extends SearchModel<IRunPage> {
  constructor(model: ITracksideModel, view: Partial<IRunsView> = {}) {
    super(model);
    this._view = { ...DEFAULT_VIEW, ...view };
    this.soon = new Throttler(() => this.search.run(), { limit: GAP, edge: 'trailing' });
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

  /** Emitted when the user asked for something else. */
  get viewChanged(): ISignal<this, IRunsView> {
    return this._viewChanged;
  }

  override dispose(): void {
    this.soon.dispose();
    super.dispose();
  }

  /** Ask for something else. */
  setView(change: Partial<IRunsView>): void {
    const before = this._view;
    this._view = { ...before, ...change };
    this._viewChanged.emit(this._view);
    if (questionOf(this._view) !== questionOf(before)) {
      this.ask();
    }
    this._changed.emit();
  }

  /** Ask again; with `everything`, for the experiments too. */
  override async refresh(everything = false): Promise<void> {
    this.experimentsAreOld ||= everything;
    await super.refresh();
  }

  protected async page(token: string | null): Promise<IRunPage> {
    try {
      if (token === null && this.experimentsAreOld) {
        this.experimentsAreOld = false;
        this._experiments = await this.model.trackingApi.experiments();
        this.checkExperiment();
      }
      return await this.model.trackingApi.searchRuns({
        ...this.query(),
        pageToken: token ?? undefined
      });
    } catch (error) {
      this.experimentsAreOld ||= token === null;
      throw error;
    }
  }

  protected begin(page: IRunPage, isOther: boolean): string | null {
    const known = isOther ? [] : this._runs;
    const pages = withFirstPage(known, page, this.nextPageToken, this.gone);
    this._runs = pages.runs;
    this.gone.clear();
    return pages.nextPageToken;
  }

  protected append(page: IRunPage): void {
    this._runs = unique([...this._runs, ...page.runs]);
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
    if (this.isCurrent(question)) {
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

  protected onChanged(_: ITracksideModel, change: IModelChange): void {
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

  private readonly soon: Throttler<void>;
  private _view: IRunsView;
  private _experiments: IExperiment[] = [];
  private experimentsAreOld = true;
  private _runs: IRun[] = [];
  // Runs that were deleted since the last answer.
  private readonly gone = new Set<string>();
  private readonly _viewChanged = new Signal<this, IRunsView>(this);
}
