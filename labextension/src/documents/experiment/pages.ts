/** How many rows a page has. */
export const PAGE = 100;

/** How many pages above and below those in view are kept. */
const KEPT = 5;

/** A page as it was fetched. */
interface IPage<T> {
  items: T[];
  /** The fields that it was asked for. */
  fields: ReadonlySet<string>;
  isStale: boolean;
}

/**
 * A long list of which some pages are here. The rest has its place: the list knows how long it is,
 * or as far as it is known.
 */
export class PagedList<T> {
  constructor(private readonly keyOf: (item: T) => string) {}

  /** How many items there are; nothing where the server does not say. */
  get total(): number | null {
    return this._total;
  }

  /** How many places to draw: with an unknown total, one page more than is known. */
  get count(): number {
    return this._total ?? this._known + (this.hasMore ? PAGE : 0);
  }

  /** How many there are at least. */
  get known(): number {
    return this._total ?? this._known;
  }

  /** Whether anything was heard yet. */
  get hasAnswer(): boolean {
    return this._hasAnswer;
  }

  at(index: number): T | undefined {
    return this.pages.get(pageOf(index))?.items[index % PAGE];
  }

  /** Whether the values of these fields are here for that item. */
  has(index: number, field: string): boolean {
    return this.pages.get(pageOf(index))?.fields.has(field) ?? false;
  }

  /** The place of an item, if it is here. */
  indexOf(key: string): number {
    for (const [page, { items }] of this.pages) {
      const at = items.findIndex(item => this.keyOf(item) === key);
      if (at >= 0) {
        return page * PAGE + at;
      }
    }
    return -1;
  }

  /** All items that are here. */
  *items(): IterableIterator<T> {
    for (const { items } of this.pages.values()) {
      yield* items;
    }
  }

  /** Whether the page has to be fetched to show these fields, and which of them. */
  missing(page: number, fields: readonly string[]): readonly string[] | null {
    const known = this.pages.get(page);
    if (!known || known.isStale) {
      return fields;
    }
    const lacking = fields.filter(field => !known.fields.has(field));
    return lacking.length ? lacking : null;
  }

  /** Take in a page; with `join`, items that are here keep what was fetched before. */
  put(
    page: number,
    answer: { items: T[]; total: number | null; hasMore: boolean; fields: readonly string[] },
    join: (before: T, now: T) => T = (_, now) => now
  ): void {
    const before = this.pages.get(page);
    const isAddition = before !== undefined && !before.isStale;
    const known = new Map(isAddition ? before.items.map(item => [this.keyOf(item), item]) : []);
    // What was not here before has only what was asked for now.
    const isWhole = isAddition && answer.items.every(item => known.has(this.keyOf(item)));
    this.pages.set(page, {
      items: answer.items.map(item => {
        const old = known.get(this.keyOf(item));
        return old ? join(old, item) : item;
      }),
      fields: new Set([...(isWhole ? before.fields : []), ...answer.fields]),
      isStale: false
    });
    this._hasAnswer = true;
    this._total = answer.total;
    const end = page * PAGE + answer.items.length;
    if (answer.hasMore) {
      this._known = Math.max(this._known, end);
      this.hasMore = this.hasMore || end >= this._known;
    } else if (answer.items.length > 0 || page === 0) {
      this._known = end;
      this.hasMore = false;
    } else {
      // Beyond the end: the list became shorter.
      this._known = Math.min(this._known, page * PAGE);
      this.hasMore = false;
    }
  }

  /** Put other items in the places of those with the same keys. */
  replace(items: ReadonlyMap<string, T>, join: (before: T, now: T) => T): boolean {
    let hasChanged = false;
    for (const page of this.pages.values()) {
      if (page.items.some(item => items.has(this.keyOf(item)))) {
        page.items = page.items.map(item => {
          const now = items.get(this.keyOf(item));
          return now ? join(item, now) : item;
        });
        hasChanged = true;
      }
    }
    return hasChanged;
  }

  /** All is to be fetched anew, and shown until then. */
  expire(): void {
    for (const page of this.pages.values()) {
      page.isStale = true;
    }
  }

  /** Let go of the pages that are far from those in view. */
  dropFar(first: number, last: number): void {
    for (const page of this.pages.keys()) {
      if (page < first - KEPT || page > last + KEPT) {
        this.pages.delete(page);
      }
    }
  }

  private readonly pages = new Map<number, IPage<T>>();
  private _total: number | null = null;
  private _hasAnswer = false;
  private _known = 0;
  private hasMore = true;
}

/** The page of an item. */
export function pageOf(index: number): number {
  return Math.floor(index / PAGE);
}
