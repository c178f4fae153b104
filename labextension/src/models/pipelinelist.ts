import type { IDisposable } from '@lumino/disposable';
import { Throttler } from '@lumino/polling';

import type { PipelinePlace } from '../api/pipelineplace';
import type { IListed } from '../api/pipelinerecords';
import type { IModelChange, ITracksideModel } from '../tokens';
import { whenMoved } from './kfp';
import { SearchModel } from './search';

/** How many items are asked for at once, and at most. */
const PAGE = 50;
const MOST = 200;

/** How often news makes the list be read anew, at most: each task of a run is one. */
const GAP = 1000;

/** A list of KFP's protocol, page by page: what was found, and how that stays true. */
export abstract class PipelineList<T> extends SearchModel<IListed<T>> {
  constructor(
    model: ITracksideModel,
    /** Where what is listed is. */
    readonly place: PipelinePlace = 'here'
  ) {
    super(model);
    this.moves = whenMoved(model, place, () => void this.search.run());
  }

  /** What was found so far. */
  get items(): readonly T[] {
    return this._items;
  }

  /** How many there are in all; nothing where the server does not say. */
  get total(): number | null {
    return this._total;
  }

  /** What identifies an item. */
  abstract keyOf(item: T): string;

  /** Ask for a page of this size. */
  protected abstract list(token: string | null, size: number): Promise<IListed<T>>;

  protected page(token: string | null): Promise<IListed<T>> {
    // As many as were in view before, so that nothing moves under the pointer.
    const size = token === null ? Math.max(PAGE, Math.min(MOST, this._items.length)) : PAGE;
    return this.list(token, size);
  }

  protected begin(page: IListed<T>): string | null {
    this._items = page.items;
    this._total = page.total;
    return page.nextPageToken;
  }

  protected append(page: IListed<T>): void {
    const known = new Set(this._items.map(item => this.keyOf(item)));
    this._items = [...this._items, ...page.items.filter(item => !known.has(this.keyOf(item)))];
  }

  protected onChanged(_: ITracksideModel, change: IModelChange): void {
    if (change.reset) {
      void this.search.run();
    } else if (this.place === 'here' && this.isNews(change)) {
      void this.soon.invoke().catch(() => undefined);
    }
  }

  /** Whether a change may be one of the list. */
  protected isNews(_: IModelChange): boolean {
    return false;
  }

  override dispose(): void {
    this.moves.dispose();
    this.soon.dispose();
    super.dispose();
  }

  private readonly moves: IDisposable;
  private readonly soon = new Throttler(() => this.search.run(), { limit: GAP, edge: 'trailing' });
  private _items: readonly T[] = [];
  private _total: number | null = null;
}
