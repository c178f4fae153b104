import { Throttler } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import type { TrackingApi } from '../../api/tracking';
import type { ITableRow } from '../../api/table';

/** How many points a small curve has, and how many runs are asked for at once. */
const POINTS = 60;
const AT_ONCE = 100;

/** How many small curves are kept. */
const KEPT = 2000;

/** The small curves of the rows in view, fetched together. */
export class Sparks {
  constructor(private readonly api: TrackingApi) {
    this.soon = new Throttler(() => this.fetch(), { limit: 150, edge: 'trailing' });
  }

  /** Emitted when curves came. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get(runId: string, key: string): readonly number[] | undefined {
    return this.curves.get(nameOf(runId, key))?.values;
  }

  /** Say which curves are in view: those that are not here, or have gone on, are fetched. */
  want(rows: readonly ITableRow[], keys: readonly string[]): void {
    this.wanted = keys.map(key => ({
      key,
      rows: rows.filter(row => this.curves.get(nameOf(row.run_id, key))?.mark !== markOf(row, key))
    }));
    if (this.wanted.some(({ rows: lacking }) => lacking.length)) {
      void this.soon.invoke().catch(() => undefined);
    }
  }

  dispose(): void {
    this.soon.dispose();
    Signal.clearData(this);
  }

  private async fetch(): Promise<void> {
    const { wanted } = this;
    this.wanted = [];
    for (const { key, rows } of wanted) {
      const asked = rows.slice(0, AT_ONCE);
      if (!asked.length) {
        continue;
      }
      const points = await this.api.history(
        asked.map(row => row.run_id),
        key,
        POINTS
      );
      const values = new Map<string, number[]>(asked.map(row => [row.run_id, []]));
      points.forEach(point => values.get(point.run_id)?.push(point.value));
      for (const row of asked) {
        const name = nameOf(row.run_id, key);
        this.curves.delete(name);
        this.curves.set(name, { mark: markOf(row, key), values: values.get(row.run_id) ?? [] });
      }
    }
    for (const name of this.curves.keys()) {
      if (this.curves.size <= KEPT) {
        break;
      }
      this.curves.delete(name);
    }
    this._changed.emit();
  }

  private wanted: { key: string; rows: readonly ITableRow[] }[] = [];
  private readonly curves = new Map<string, { mark: string; values: readonly number[] }>();
  private readonly soon: Throttler<void>;
  private readonly _changed = new Signal<this, void>(this);
}

function nameOf(runId: string, key: string): string {
  return `${runId} ${key}`;
}

// While a run goes on, its last value says whether there is more.
function markOf(row: ITableRow, key: string): string {
  return row.status === 'RUNNING' ? `${row.metrics[key]}` : row.status;
}
