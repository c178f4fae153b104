import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { IStateDB } from '@jupyterlab/statedb';

import { type IRunKeys, type ISavedView, type ITableQuestion, TableApi } from '../../api/table';
import type { IExperiment } from '../../api/types';
import { ChartPrefs } from '../../charts/prefs';
import { type Field, splitField, toFilter } from '../../models/fields';
import { outsideOf } from '../../models/outside';
import type { IModelChange, ITracksideModel } from '../../tokens';
import { autoColumns, type IColumn, NAME } from './columns';
import { Memory } from './memory';
import { News } from './news';
import { clausesOf } from './order';
import { Rows } from './rows';
import { SavedViews } from './savedviews';
import { Selection } from '../../models/selection';
import { Sparks } from './sparks';
import { Suggestions } from './suggest';
import { type Range, rangeOf } from './tint';
import { DEFAULT_VIEW, type ITableView, lostOf, questionOf, readView } from './view';

/** How many columns' values are fetched whether they are in view or not. */
const ALWAYS = 40;

/** What a table is opened with. */
export interface IExperimentOptions {
  tracks: ITracksideModel;
  experimentIds: readonly string[];
  /** A filter to begin with, in place of the one that is remembered. */
  filter?: string;
  /** Where the view is remembered. */
  state?: IStateDB | null;
}

/** One or several experiments as a table shows them. */
export class ExperimentModel implements IDisposable {
  constructor(options: IExperimentOptions) {
    this.tracks = options.tracks;
    this.experimentIds = options.experimentIds;
    this.api = new TableApi(this.tracks.trackingApi.settings);
    this.rows = new Rows(this.api, () => this.wantedFields());
    this.news = new News(this.tracks, this.api, this.rows, {
      experimentIds: this.experimentIds,
      order: () => this._view.order,
      fields: () => this.wantedFields()
    });
    this.sparks = new Sparks(this.tracks.trackingApi);
    this.views = new SavedViews(this.api, this.experimentIds);
    this.suggestions = new Suggestions(this.api, this.experimentIds, () => this._keys);
    this.charts = new ChartPrefs(options.state ?? null);
    this.memory = new Memory(options.state ?? null, this.experimentIds);
    this.tracks.changed.connect(this.onChanged, this);
    this.rows.changed.connect(this.onRows, this);
    void this.begin(options.filter);
  }

  readonly tracks: ITracksideModel;
  readonly experimentIds: readonly string[];
  readonly api: TableApi;
  readonly rows: Rows;
  readonly news: News;
  readonly sparks: Sparks;
  readonly views: SavedViews;
  readonly suggestions: Suggestions;
  readonly charts: ChartPrefs;
  readonly selection = new Selection();

  /** Emitted when the view or what is known of the experiments changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get view(): ITableView {
    return this._view;
  }

  /** The line at the top when the table was left. */
  get top(): number {
    return this._top;
  }

  /** All experiments there are. */
  get experiments(): readonly IExperiment[] {
    return this._experiments;
  }

  /** The names of metrics, params and tags, once they are known. */
  get keys(): IRunKeys | null {
    return this._keys;
  }

  /** The columns that are shown, without the name. */
  get columns(): readonly IColumn[] {
    return this._view.columns ?? this.auto;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** What the table is called: the names of its experiments. */
  get title(): string {
    const names = this.experimentIds.map(id => this.nameOf(id));
    const { trans } = this.tracks;
    if (names.length > 2) {
      return trans.__('%1 and %2 more', names[0], names.length - 1);
    }
    return names.join(', ') || trans.__('Experiments');
  }

  /** The name of an experiment, as far as it is known. */
  readonly nameOf = (id: string): string =>
    this._experiments.find(({ experiment_id }) => experiment_id === id)?.name ?? id;

  /** The question that the present view asks. */
  get question(): ITableQuestion {
    const { filter, order, life } = this._view;
    return {
      experiment_ids: [...this.experimentIds],
      filter: toFilter(filter) || undefined,
      order_by: clausesOf(order, this.isOutside),
      view: life
    };
  }

  /** Whether the runs are on an outside server. */
  get isOutside(): boolean {
    return outsideOf(this.tracks.info) !== null;
  }

  /** The range of the values of a metric that is coloured. */
  rangeOf(field: Field): Range | null {
    const { key } = splitField(field);
    return (
      this.ranges.get(field) ?? rangeOf([...this.rows.rows()].map(({ metrics }) => metrics[key]))
    );
  }

  /** Show something else, or otherwise; it is remembered. */
  setView(change: Partial<ITableView>): void {
    const before = this._view;
    this._view = { ...before, ...change };
    if (questionOf(this._view) !== questionOf(before)) {
      this._top = 0;
      this.selection.clear();
      this.ask();
    } else {
      this.rows.complete();
    }
    this.memory.save({ view: this._view, top: this._top });
    void this.findRanges();
    this._changed.emit();
  }

  /** The saved view that was chosen last, as it is now, if it could not be understood as a whole. */
  get damaged(): ISavedView | null {
    const saved = this.views.list.find(({ id }) => id === this.savedId);
    return saved && lostOf(saved.definition).length ? saved : null;
  }

  /** Show a saved view, as far as it is understood. */
  showSaved(saved: ISavedView): void {
    this.savedId = saved.id;
    this.setView(readView(saved.definition));
  }

  /** Show no saved view; what is shown stays. */
  leaveSaved(): void {
    this.savedId = null;
    this._changed.emit();
  }

  /** Choose the columns. */
  setColumns(columns: readonly IColumn[]): void {
    this.setView({ columns });
  }

  /** Say which columns are in view, and which line is at the top. */
  look(fields: readonly Field[], top: number): void {
    this.fieldsInView = fields;
    this.rows.complete();
    if (top !== this._top) {
      this._top = top;
      this.memory.save({ top });
    }
  }

  /** Ask for everything again. */
  async refresh(): Promise<void> {
    this.news.reset();
    this.rows.refresh();
    await Promise.all([this.fetchExperiments(), this.fetchKeys(), this.views.refresh()]);
  }

  /** The ids of all selected runs. */
  async selectedIds(most: number): Promise<string[]> {
    const { selection } = this;
    if (!selection.isEverything) {
      return [...selection.ids].slice(0, most);
    }
    const found: string[] = [];
    for (let offset = 0, isMore = true; isMore && found.length < most;) {
      const page = await this.api.window(this.question, offset, 500);
      found.push(...page.rows.map(row => row.run_id).filter(id => selection.has(id)));
      offset += page.rows.length;
      isMore = page.has_more && page.rows.length > 0;
    }
    return found.slice(0, most);
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.tracks.changed.disconnect(this.onChanged, this);
    this.rows.changed.disconnect(this.onRows, this);
    this.memory.dispose();
    this.news.dispose();
    this.rows.dispose();
    this.sparks.dispose();
    Signal.clearData(this);
  }

  private async begin(filter: string | undefined): Promise<void> {
    const kept = await this.memory.fetch();
    if (this._isDisposed) {
      return;
    }
    this._view = readView(kept.view);
    if (filter !== undefined) {
      this._view = { ...this._view, filter };
    } else {
      this._top = kept.top;
    }
    const begun = this._view;
    this.ask(this._top);
    void this.fetchExperiments();
    void this.fetchKeys();
    await this.views.refresh();
    const first = this.views.default;
    // Who has chosen something meanwhile keeps it.
    const isUntouched = this._view === begun && !this._isDisposed;
    if (kept.view === undefined && filter === undefined && first && isUntouched) {
      this.showSaved(first);
    }
  }

  private ask(top = 0): void {
    this.news.reset();
    this.rows.ask({ question: this.question, group: this._view.group }, top);
  }

  private wantedFields(): Field[] {
    const { columns } = this;
    const shown =
      columns.length <= ALWAYS
        ? columns
        : columns.filter(({ field, isPinned }) => isPinned || this.fieldsInView.includes(field));
    // A small curve goes on when the last value does.
    const fields = shown.map(({ field }) => field.replace(/^curves\./, 'metrics.'));
    return [...new Set(fields)].filter(field => field !== NAME && !field.startsWith('attributes.'));
  }

  private async fetchExperiments(): Promise<void> {
    try {
      this._experiments = await this.tracks.trackingApi.experiments();
      this._changed.emit();
    } catch {
      // The ids stand for the names; the rows say what is wrong.
    }
  }

  private async fetchKeys(): Promise<void> {
    try {
      this._keys = await this.api.keys(this.experimentIds);
      this.auto = autoColumns(this._keys);
    } catch {
      return;
    }
    if (!this._isDisposed) {
      this.rows.complete();
      this._changed.emit();
    }
  }

  private async findRanges(): Promise<void> {
    const tinted = this.columns.filter(column => column.tint).map(({ field }) => field);
    const { filter, view } = this.question;
    const asked = JSON.stringify([tinted, filter, view]);
    if (!tinted.length || asked === this.rangesAsked) {
      return;
    }
    this.rangesAsked = asked;
    this.ranges.clear();
    try {
      const { groups } = await this.api.groups(
        {
          experiment_ids: [...this.experimentIds],
          filter,
          view,
          metrics: tinted.map(field => splitField(field).key)
        },
        'experiment',
        0,
        100
      );
      if (asked !== this.rangesAsked || this._isDisposed) {
        return;
      }
      for (const field of tinted) {
        const { key } = splitField(field);
        const ends = groups.flatMap(({ metrics }) => [metrics[key]?.min, metrics[key]?.max]);
        const range = rangeOf(ends);
        if (range) {
          this.ranges.set(field, range);
        }
      }
      this._changed.emit();
    } catch {
      // The values that are here tell the range, until it is asked for again.
      if (asked === this.rangesAsked) {
        this.rangesAsked = '';
      }
    }
  }

  private onRows(): void {
    void this.findRanges();
    const lacksKeys = this._keys && !this._keys.metrics.length && !this._keys.params.length;
    if (lacksKeys && (this.rows.root.list.total ?? 0) > 0 && !this.hasAskedAgain) {
      // The first runs have come.
      this.hasAskedAgain = true;
      void this.fetchKeys();
    }
  }

  private onChanged(_: ITracksideModel, change: IModelChange): void {
    const ours = new Set(this.experimentIds);
    if (change.reset || change.experiments.length || change.deleted.length) {
      void this.fetchExperiments();
    }
    const hasRuns = change.runs.some(run => ours.has(run.experiment_id));
    if (hasRuns && this._view.columns === null && !this.columns.some(isMetric)) {
      this.hasAskedAgain = false;
      void this.fetchKeys();
    }
  }

  private _view: ITableView = DEFAULT_VIEW;
  private savedId: string | null = null;
  private _top = 0;
  private _experiments: readonly IExperiment[] = [];
  private _keys: IRunKeys | null = null;
  // The same array as long as it says the same: rows are drawn anew when it is another.
  private auto: readonly IColumn[] = autoColumns(null);
  private fieldsInView: readonly Field[] = [];
  private readonly ranges = new Map<Field, Range>();
  private rangesAsked = '';
  private hasAskedAgain = false;
  private _isDisposed = false;
  private readonly memory: Memory;
  private readonly _changed = new Signal<this, void>(this);
}

function isMetric(column: IColumn): boolean {
  return column.field.startsWith('metrics.');
}
