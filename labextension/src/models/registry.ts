import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { explain } from '../api/request';
import type { IModelPage, IRegisteredModel } from '../api/registrytypes';
import type { IModelChange, ITracksideModel } from '../tokens';
import { Coalescer } from './coalesce';

/** The registered models of the panel: what is looked for, what was found, and how that stays true. */
export class RegistryModel implements IDisposable {
  constructor(
    readonly model: ITracksideModel,
    filter = ''
  ) {
    this._filter = filter;
    this.search = new Coalescer(() => this.fetch());
    model.changed.connect(this.onChanged, this);
    void model.ready.then(() => (this.hasAsked ? undefined : this.refresh()));
  }

  /** The models that were found so far. */
  get models(): readonly IRegisteredModel[] {
    return this._models;
  }

  get filter(): string {
    return this._filter;
  }
  set filter(filter: string) {
    if (filter !== this._filter) {
      this._filter = filter;
      this._isLoading = true;
      this.question += 1;
      this._filterChanged.emit(filter);
      void this.refresh();
      this._changed.emit();
    }
  }

  /** Whether the first answer to the present question is still to come. */
  get isLoading(): boolean {
    return this._isLoading;
  }

  /** What is wrong, in a sentence. */
  get error(): string {
    return this._error;
  }

  /** Emitted when anything of the above changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when the user looks for something else. */
  get filterChanged(): ISignal<this, string> {
    return this._filterChanged;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.model.changed.disconnect(this.onChanged, this);
      Signal.clearData(this);
    }
  }

  /** Ask again. */
  async refresh(): Promise<void> {
    await this.search.run();
  }

  /** Fetch the next page. */
  async loadMore(): Promise<void> {
    const { question, nextPageToken } = this;
    if (!nextPageToken || this.isLoadingMore) {
      return;
    }
    this.isLoadingMore = true;
    try {
      const page = await this.page(nextPageToken);
      if (question === this.question && !this._isDisposed) {
        const known = new Set(this._models.map(({ name }) => name));
        this._models = [...this._models, ...page.models.filter(({ name }) => !known.has(name))];
        this.nextPageToken = page.nextPageToken;
        this._changed.emit();
      }
    } catch (error) {
      this.nextPageToken = null;
      this.fail(error, question);
    } finally {
      this.isLoadingMore = false;
    }
  }

  private async fetch(): Promise<void> {
    const { question } = this;
    this.hasAsked = true;
    try {
      // As many as were in view before, so that nothing moves under the pointer.
      const page = await this.page(null, Math.max(100, Math.min(1000, this._models.length)));
      if (question === this.question && !this._isDisposed) {
        this._models = page.models;
        this.nextPageToken = page.nextPageToken;
        this._isLoading = false;
        this._error = '';
        this._changed.emit();
      }
    } catch (error) {
      this.fail(error, question);
    }
  }

  private page(token: string | null, size = 100): Promise<IModelPage> {
    return this.model.registryApi.models(modelFilter(this._filter), token, size);
  }

  private fail(error: unknown, question: number): void {
    if (question === this.question && !this._isDisposed) {
      this._error = explain(error, this.model.trans);
      this._isLoading = false;
      this._changed.emit();
    }
  }

  private onChanged(_: ITracksideModel, change: IModelChange): void {
    if (change.reset || change.models.length || change.deleted.some(one => one.kind === 'model')) {
      void this.search.run();
    }
  }

  private readonly search: Coalescer;
  private _filter: string;
  private _models: readonly IRegisteredModel[] = [];
  private nextPageToken: string | null = null;
  private isLoadingMore = false;
  private _isLoading = true;
  private _error = '';
  // Counts what was asked for, so that a late answer to an earlier question is dropped.
  private question = 0;
  private hasAsked = false;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _filterChanged = new Signal<this, string>(this);
}

/** The filter that is meant: MLflow's grammar as it is, a plain text as a part of the name. */
export function modelFilter(text: string): string {
  const plain = text.trim();
  if (!plain || /^(name|tags?\s*\.)\s*\S*\s*(=|!=|I?LIKE\b)/i.test(plain)) {
    return plain;
  }
  // A pattern cannot name quotes of its own kind; any one character stands for them.
  return `name ILIKE '%${plain.replace(/'/g, '_')}%'`;
}
