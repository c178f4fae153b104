import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { Throttler } from '@lumino/polling';

import { explain } from '../../api/request';
import { MOST_RUNS, TableApi } from '../../api/table';
import {
  type ITrashed,
  type ITrashPage,
  MOST_NAMED,
  OutsideTrash,
  TrashApi
} from '../../api/trash';
import { outsideOf } from '../../models/outside';
import type { IModelChange, ITracksideModel } from '../../tokens';

/** How often news makes the list be read anew, at most. */
const GAP = 1000;

/** What identifies a thing in the trash. */
export function keyOf({ kind, id }: Pick<ITrashed, 'kind' | 'id'>): string {
  return `${kind}:${id}`;
}

/** What is in the trash, and what becomes of it. */
export class TrashModel implements IDisposable {
  constructor(readonly tracks: ITracksideModel) {
    const { settings } = tracks.trackingApi;
    this.trash = new TrashApi(settings);
    this.outside = new OutsideTrash(settings);
    this.table = new TableApi(settings);
    this.soon = new Throttler(() => this.refresh(), { limit: GAP, edge: 'trailing' });
    tracks.changed.connect(this.onNews, this);
    tracks.infoChanged.connect(this.onInfo, this);
    void this.refresh();
  }

  /** Emitted when anything of it changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What is known of it, the newest first; nothing before the first answer. */
  get items(): readonly ITrashed[] | null {
    return this._items;
  }

  /** How much there is; nothing where the server does not say. */
  get total(): number | null {
    return this._total;
  }

  /** The names of experiments, by id. */
  get experiments(): ReadonlyMap<string, string> {
    return this._experiments;
  }

  /** What went wrong last, in a sentence. */
  get problem(): string {
    return this._problem;
  }

  /** Whether there is more than what is listed. */
  get hasMore(): boolean {
    return this.next !== null;
  }

  /** Whether an MLflow server keeps the runs, which deletes nothing for ever. */
  get isOutside(): boolean {
    return outsideOf(this.tracks.info) !== null;
  }

  /** The selected things. */
  get selected(): ITrashed[] {
    return (this._items ?? []).filter(item => this.keys.has(keyOf(item)));
  }

  isSelected(item: ITrashed): boolean {
    return this.keys.has(keyOf(item));
  }

  /** Select a thing, or no longer. */
  toggle(item: ITrashed): void {
    if (!this.keys.delete(keyOf(item))) {
      this.keys.add(keyOf(item));
    }
    this._changed.emit();
  }

  /** Select all that is listed, or nothing. */
  selectAll(isOn: boolean): void {
    this.keys = new Set(isOn ? this._items?.map(keyOf) : []);
    this._changed.emit();
  }

  /** Read the list anew, as far as it was read. */
  async refresh(): Promise<void> {
    const wanted = this._items?.length ?? 0;
    const round = ++this.round;
    await this.attempt(async () => {
      const experiments = await this.tracks.trackingApi.experiments();
      const items: ITrashed[] = [];
      let page: ITrashPage;
      let token: string | null = null;
      do {
        page = await this.source.page(token);
        items.push(...page.items);
        token = page.next;
      } while (token !== null && items.length < wanted);
      if (round !== this.round) {
        return;
      }
      this._experiments = new Map(
        [...experiments, ...items.filter(({ kind }) => kind === 'experiment')].map(
          ({ experiment_id, name }) => [experiment_id, name]
        )
      );
      this.show(items, page);
    });
  }

  /** Read the next part of the list. */
  async more(): Promise<void> {
    const token = this.next;
    if (token === null || this.isReading) {
      return;
    }
    this.isReading = true;
    const { round } = this;
    await this.attempt(async () => {
      const page = await this.source.page(token);
      if (round === this.round) {
        const known = new Set(this._items?.map(keyOf));
        const fresh = page.items.filter(item => !known.has(keyOf(item)));
        this.show([...(this._items ?? []), ...fresh], page);
      }
    });
    this.isReading = false;
  }

  /** Take things back from the trash. */
  async restore(items: readonly ITrashed[]): Promise<void> {
    await this.attempt(async () => {
      const runs = items.filter(({ kind }) => kind === 'run').map(({ id }) => id);
      for (const { kind, id } of items) {
        if (kind === 'experiment') {
          await this.tracks.trackingApi.restoreExperiment(id);
        }
      }
      let refused = '';
      for (let at = 0; at < runs.length; at += MOST_RUNS) {
        const { failed } = await this.table.bulk('restore', runs.slice(at, at + MOST_RUNS));
        refused ||= failed[0]?.message ?? '';
      }
      if (refused) {
        throw new Error(refused);
      }
    });
    await this.afterwards();
  }

  /** Delete things for ever. */
  async purge(items: readonly ITrashed[]): Promise<void> {
    await this.attempt(async () => {
      for (let at = 0; at < items.length; at += MOST_NAMED) {
        await this.trash.remove(items.slice(at, at + MOST_NAMED));
      }
    });
    await this.afterwards();
  }

  get isDisposed(): boolean {
    return this.soon.isDisposed;
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.round += 1;
      this.soon.dispose();
      this.tracks.changed.disconnect(this.onNews, this);
      this.tracks.infoChanged.disconnect(this.onInfo, this);
      Signal.clearData(this);
    }
  }

  private get source(): TrashApi | OutsideTrash {
    return this.isOutside ? this.outside : this.trash;
  }

  private show(items: readonly ITrashed[], page: ITrashPage): void {
    this._items = items;
    this.next = page.next;
    this._total = page.next === null ? items.length : page.total;
    const known = new Set(items.map(keyOf));
    this.keys = new Set([...this.keys].filter(key => known.has(key)));
  }

  /** Do something, and keep what went wrong until the next time. */
  private async attempt(task: () => Promise<void>): Promise<void> {
    try {
      await task();
      this._problem = '';
    } catch (error) {
      this._problem = explain(error, this.tracks.trans);
    }
    this._changed.emit();
  }

  /** Show what came of it; what went wrong stays to be read. */
  private async afterwards(): Promise<void> {
    const problem = this._problem;
    await Promise.all([this.refresh(), this.tracks.refresh()]);
    if (problem) {
      this._problem = problem;
      this._changed.emit();
    }
  }

  private onNews(_: ITracksideModel, change: IModelChange): void {
    const known = new Set(this._items?.map(({ id }) => id));
    if (
      change.reset ||
      change.experiments.length ||
      change.deleted.length ||
      change.runs.some(run => (run.lifecycle_stage === 'deleted') !== known.has(run.run_id))
    ) {
      void this.soon.invoke().catch(() => undefined);
    }
  }

  private onInfo(): void {
    void this.refresh();
  }

  private _items: readonly ITrashed[] | null = null;
  private _total: number | null = null;
  private _experiments: ReadonlyMap<string, string> = new Map();
  private _problem = '';
  private next: string | null = null;
  private keys = new Set<string>();
  private round = 0;
  private isReading = false;
  private readonly trash: TrashApi;
  private readonly outside: OutsideTrash;
  private readonly table: TableApi;
  private readonly soon: Throttler<void>;
  private readonly _changed = new Signal<this, void>(this);
}
