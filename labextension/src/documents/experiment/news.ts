import { Throttler } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import type { TableApi } from '../../api/table';
import type { IModelChange, ITracksideModel } from '../../tokens';
import { isNewestFirst } from './order';
import { quotedText } from './grammar';
import type { IAsked, Rows } from './rows';
import { valuesOf } from './rows';
import type { Field, IOrder } from '../../models/fields';

/** The least time between two questions that only news caused. */
const GAP = 1000;

/** How many runs are fetched anew at once. */
const AT_ONCE = 100;

/** Keeps the rows true while runs come, change and go, without moving what somebody looks at. */
export class News {
  constructor(
    private readonly tracks: ITracksideModel,
    private readonly api: TableApi,
    private readonly rows: Rows,
    private readonly table: {
      experimentIds: readonly string[];
      order: () => readonly IOrder[];
      fields: () => readonly Field[];
    }
  ) {
    this.soon = new Throttler(() => this.flush(), { limit: GAP, edge: 'trailing' });
    tracks.changed.connect(this.onChanged, this);
  }

  /** How many runs have come that are not shown. */
  get arrived(): number {
    return this._arrived;
  }

  /** Emitted when others have come. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Tells whether somebody points at the rows or is in them, so that they must not move. */
  isHeld: () => boolean = () => false;

  /** Show what has come. */
  show(): void {
    this._arrived = 0;
    this.newest = null;
    this.rows.refresh();
    this._changed.emit();
  }

  /** Look whether anything came or changed: an outside server does not tell. */
  async poll(): Promise<void> {
    if (this.rows.isUnanswered) {
      this.rows.refresh();
      return;
    }
    this.rows.inView().forEach(({ run_id }) => this.touched.add(run_id));
    this.mayBeMore = true;
    await this.flush();
  }

  /** Forget what came: everything is asked for anew. */
  reset(): void {
    this.touched.clear();
    if (this._arrived) {
      this._arrived = 0;
      this._changed.emit();
    }
  }

  dispose(): void {
    this.soon.dispose();
    this.tracks.changed.disconnect(this.onChanged, this);
    Signal.clearData(this);
  }

  private onChanged(_: ITracksideModel, change: IModelChange): void {
    const ours = new Set(this.table.experimentIds);
    const runs = change.runs.filter(run => ours.has(run.experiment_id));
    const isGone = (stage: string): boolean =>
      (stage === 'deleted') === (this.rows.asked?.question.view !== 'DELETED_ONLY');
    const shown = new Set([...this.rows.rows()].map(({ run_id }) => run_id));
    const back = runs.filter(run => !isGone(run.lifecycle_stage) && this.gone.delete(run.run_id));
    runs
      .filter(run => shown.has(run.run_id) && isGone(run.lifecycle_stage))
      .forEach(run => this.gone.add(run.run_id));
    if (
      change.reset ||
      back.length > 0 ||
      change.deleted.some(({ id }) => shown.has(id)) ||
      (this.rows.asked?.question.view !== 'ALL' &&
        runs.some(run => shown.has(run.run_id) && isGone(run.lifecycle_stage)))
    ) {
      this.rows.refresh();
      return;
    }
    for (const { run_id } of runs) {
      if (shown.has(run_id)) {
        this.touched.add(run_id);
      } else {
        this.mayBeMore = true;
      }
    }
    if (this.touched.size || this.mayBeMore) {
      this.wake();
    }
  }

  // News that come while the server is asked wait for the next time.
  private wake(): void {
    void this.soon.invoke().then(
      isMore => isMore && this.wake(),
      () => undefined
    );
  }

  /** Ask for what is known to be another; tells whether more is left to ask for. */
  private async flush(): Promise<boolean> {
    const { asked } = this.rows;
    if (!asked || this.rows.isLoading) {
      return false;
    }
    if (asked.group !== null && asked.group !== 'parent') {
      // Counts and means: they change in their places.
      this.touched.clear();
      this.mayBeMore = false;
      this.rows.refresh();
      return false;
    }
    const touched = [...this.touched].slice(0, AT_ONCE);
    const isMore = this.mayBeMore;
    touched.forEach(id => this.touched.delete(id));
    this.mayBeMore = false;
    try {
      await Promise.all([this.renew(touched), isMore ? this.count() : undefined]);
    } catch {
      // What is shown stays; with the next news it is asked for again.
      touched.forEach(id => this.touched.add(id));
      this.mayBeMore ||= isMore;
      return false;
    }
    return this.touched.size > 0 || this.mayBeMore;
  }

  // Values change where they are, even if the order would have it otherwise.
  private async renew(ids: readonly string[]): Promise<void> {
    const { asked } = this.rows;
    if (!ids.length || !asked) {
      return;
    }
    const fields = this.table.fields();
    const answer = await this.api.window(
      {
        experiment_ids: asked.question.experiment_ids,
        filter: `attributes.run_id IN (${ids.map(quotedText).join(', ')})`,
        view: 'ALL',
        ...valuesOf(fields)
      },
      0,
      AT_ONCE
    );
    if (this.rows.asked === asked) {
      this.rows.update(answer.rows, fields);
    }
  }

  private async count(): Promise<void> {
    const { asked, root } = this.rows;
    if (!asked || !root.list.hasAnswer) {
      return;
    }
    const { question, group } = asked;
    const parent = group === 'parent' ? { parent: null } : {};
    const known = root.list.total;
    let arrived: number;
    if (known === null && this.newest?.asked !== asked) {
      // What is here may be the end of the table: only the server knows its newest run.
      const order_by = ['attributes.start_time DESC'];
      const { rows } = await this.api.window({ ...question, ...parent, order_by }, 0, 1);
      this.newest = { asked, since: rows[0]?.start_time ?? 0 };
      return;
    }
    if (known === null) {
      const later = `attributes.start_time > ${this.newest?.since ?? 0}`;
      const filter = question.filter ? `${question.filter} AND ${later}` : later;
      const answer = await this.api.window({ ...question, ...parent, filter }, 0, AT_ONCE);
      arrived = answer.rows.length;
    } else {
      const { total } = await this.api.window({ ...question, ...parent }, 0, 1);
      arrived = (total ?? 0) - known;
    }
    if (this.rows.asked !== asked || this.rows.isLoading) {
      return;
    }
    const isTop = isNewestFirst(this.table.order());
    if (arrived < 0 || (arrived > 0 && isTop && this.rows.range[0] === 0 && !this.isHeld())) {
      this.show();
    } else if (arrived !== this._arrived) {
      this._arrived = arrived;
      this.rows.shift = isTop ? arrived : 0;
      this._changed.emit();
    }
  }

  private _arrived = 0;
  private mayBeMore = false;
  // The start of the newest run when a question was asked whose runs nobody has counted.
  private newest: { asked: IAsked; since: number } | null = null;
  private readonly touched = new Set<string>();
  // What was here before it was deleted comes back to its place at once.
  private readonly gone = new Set<string>();
  private readonly soon: Throttler<boolean>;
  private readonly _changed = new Signal<this, void>(this);
}
