import type { IDisposable } from '@lumino/disposable';
import { Throttler } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import { explain } from '../api/request';
import type { IRun } from '../api/types';
import { Coalescer } from '../models/coalesce';
import { unique, withFirstPage } from '../models/pages';
import type { IModelChange, ITracksideModel } from '../tokens';
import { isGone } from './live';
import { readRuns } from './readruns';

/** The least time between two questions that only news about metrics caused. */
const GAP = 1000;

/** Which runs a list holds: these, or those of an experiment that fit a filter. */
export type RunQuestion =
  | { runIds: readonly string[] }
  | { experimentId: string; filter: string; orderBy: readonly string[] };

/** The runs of an output, from the server as soon as they are looked at, and true from then on. */
export class RunList implements IDisposable {
  constructor(
    readonly model: ITracksideModel,
    readonly question: RunQuestion
  ) {
    this.search = new Coalescer(() => this.fetchFirst());
    this.soon = new Throttler(() => this.search.run(), { limit: GAP, edge: 'trailing' });
  }

  /** The runs that were found so far; nothing until the first answer. */
  get runs(): readonly IRun[] | null {
    return this._runs;
  }

  /** Whether there are more than were fetched. */
  get hasMore(): boolean {
    return this.nextPageToken !== null;
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

  /** Fetch the next page. */
  async loadMore(): Promise<void> {
    const { question, nextPageToken } = this;
    if (!nextPageToken || this.isLoadingMore || 'runIds' in question) {
      return;
    }
    this.isLoadingMore = true;
    try {
      const page = await this.model.trackingApi.searchRuns({
        experimentIds: [question.experimentId],
        filter: question.filter,
        orderBy: [...question.orderBy],
        pageToken: nextPageToken
      });
      this.set(unique([...(this._runs ?? []), ...page.runs]), page.nextPageToken);
    } catch (error) {
      this.fail(error);
    } finally {
      this.isLoadingMore = false;
    }
  }

  private async fetchFirst(): Promise<void> {
    const { question, model } = this;
    try {
      if ('runIds' in question) {
        this.set(await readRuns(model.trackingApi, question.runIds), null);
        return;
      }
      const page = await model.trackingApi.searchRuns({
        experimentIds: [question.experimentId],
        filter: question.filter,
        orderBy: [...question.orderBy]
      });
      const pages = withFirstPage(this._runs ?? [], page, this.nextPageToken, this.gone);
      this.gone.clear();
      this.set(pages.runs, pages.nextPageToken);
    } catch (error) {
      this.fail(error);
    }
  }

  private set(runs: readonly IRun[], nextPageToken: string | null): void {
    if (!this._isDisposed) {
      this._runs = runs;
      this.nextPageToken = nextPageToken;
      this._problem = '';
      this._changed.emit();
    }
  }

  private fail(error: unknown): void {
    if (!this._isDisposed) {
      this._problem = isGone(error)
        ? this.model.trans.__('This is no longer on the server.')
        : explain(error, this.model.trans);
      this._changed.emit();
    }
  }

  private onChanged(_: ITracksideModel, change: IModelChange): void {
    const { question } = this;
    change.runs
      .filter(run => run.lifecycle_stage === 'deleted')
      .forEach(run => this.gone.add(run.run_id));
    change.deleted.forEach(({ id }) => this.gone.add(id));
    const isMine = (run: { run_id: string; experiment_id: string }): boolean =>
      'runIds' in question
        ? question.runIds.includes(run.run_id)
        : question.experimentId === run.experiment_id;
    if (change.reset || change.deleted.some(({ kind }) => kind !== 'job')) {
      void this.search.run();
    } else if (change.runs.some(isMine)) {
      void this.soon.invoke().catch(() => undefined);
    }
  }

  private readonly search: Coalescer;
  private readonly soon: Throttler<void>;
  private readonly gone = new Set<string>();
  private hasStarted = false;
  private isLoadingMore = false;
  private nextPageToken: string | null = null;
  private _runs: readonly IRun[] | null = null;
  private _problem = '';
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}
