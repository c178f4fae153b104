import { type ISignal, Signal } from '@lumino/signaling';

/** Which runs are selected: some, or all that match but some. */
export class Selection {
  /** Emitted when other runs are selected. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether all that match are selected but those of {@link ids}. */
  get isEverything(): boolean {
    return this._isEverything;
  }

  /** The selected runs, or those that are not when everything is. */
  get ids(): ReadonlySet<string> {
    return this._ids;
  }

  /** From where Shift selects. */
  get anchor(): number | null {
    return this._anchor;
  }

  /** The run that Shift selects from: its line may be another by now. */
  get anchorId(): string | null {
    return this._anchorId;
  }

  has(id: string): boolean {
    return this._ids.has(id) !== this._isEverything;
  }

  /** How many are selected; nothing where it is not known how many match. */
  count(total: number | null): number | null {
    if (!this._isEverything) {
      return this._ids.size;
    }
    return total === null ? null : Math.max(0, total - this._ids.size);
  }

  get isEmpty(): boolean {
    return !this._isEverything && this._ids.size === 0;
  }

  /** Select a run, or no longer. */
  toggle(id: string, line: number): void {
    const ids = new Set(this._ids);
    if (!ids.delete(id)) {
      ids.add(id);
    }
    this._anchorId = id;
    this.set(ids, this._isEverything, line);
  }

  /** Select these as well, or with `isOn` false no longer. */
  setAll(ids: Iterable<string>, isOn: boolean): void {
    const next = new Set(this._ids);
    for (const id of ids) {
      if (isOn !== this._isEverything) {
        next.add(id);
      } else {
        next.delete(id);
      }
    }
    this.set(next, this._isEverything, this._anchor);
  }

  /** Select all that match. */
  selectEverything(): void {
    this.set(new Set(), true, this._anchor);
  }

  clear(): void {
    if (!this.isEmpty) {
      this._anchorId = null;
      this.set(new Set(), false, null);
    }
  }

  private set(ids: ReadonlySet<string>, isEverything: boolean, anchor: number | null): void {
    this._ids = ids;
    this._isEverything = isEverything;
    this._anchor = anchor;
    this._changed.emit();
  }

  private _ids: ReadonlySet<string> = new Set();
  private _isEverything = false;
  private _anchor: number | null = null;
  private _anchorId: string | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
