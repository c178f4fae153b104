import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { explain } from '../api/request';
import type { IModelChange, ITracksideModel } from '../tokens';
import { Coalescer } from './coalesce';

/** A list that the server is searched for, page by page: what was found, and how that stays true. */
export abstract class SearchModel<
  Page extends { nextPageToken: string | null }
> implements IDisposable {
  constructor(readonly model: ITracksideModel) {
    this.search = new Coalescer(() => this.fetchFirst());
    model.changed.connect(this.onChanged, this);
    void model.ready.then(() => (this.hasAsked ? undefined : this.refresh()));
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

  /** Emitted when anything changed that is shown. */
  get changed(): ISignal<this, void> {
    return this._changed;
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
    if (!nextPageToken || this.isLoadingMore || this.isStalled) {
      return;
    }
    this.isLoadingMore = true;
    try {
      const page = await this.page(nextPageToken);
      if (this.isCurrent(question)) {
        this.append(page);
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

  /** Fetch the page that this token leads to, the first one without. */
  protected abstract page(token: string | null): Promise<Page>;

  /** Show the first page, of another question than before or of the same; give how it goes on. */
  protected abstract begin(page: Page, isOther: boolean): string | null;

  /** Show a further page. */
  protected abstract append(page: Page): void;

  protected abstract onChanged(_: ITracksideModel, change: IModelChange): void;

  /** Ask something else. */
  protected ask(): void {
    this._isLoading = true;
    this.question += 1;
    void this.refresh();
  }

  /** Whether an answer is still wanted that was asked for when the question had this number. */
  protected isCurrent(question: number): boolean {
    return question === this.question && !this._isDisposed;
  }

  private async fetchFirst(): Promise<void> {
    const { question } = this;
    this.hasAsked = true;
    try {
      const page = await this.page(null);
      if (this.isCurrent(question)) {
        this.nextPageToken = this.begin(page, this.shown !== question);
        this.shown = question;
        this._isLoading = false;
        this.isStalled = false;
        this._error = '';
        this._changed.emit();
      }
    } catch (error) {
      this.fail(error, question);
    }
  }

  private fail(error: unknown, question: number): void {
    if (this.isCurrent(question)) {
      this._error = explain(error, this.model.trans);
      this._isLoading = false;
      this._changed.emit();
    }
  }

  protected readonly search: Coalescer;
  protected readonly _changed = new Signal<this, void>(this);
  protected nextPageToken: string | null = null;
  /** Counts what was asked for, so that a late answer to an earlier question is dropped. */
  protected question = 0;
  private shown = -1;
  private hasAsked = false;
  private isLoadingMore = false;
  private isStalled = false;
  private _isLoading = true;
  private _error = '';
  private _isDisposed = false;
}
