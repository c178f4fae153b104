import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { TrackingApi } from '../api/tracking';
import type { IPoint } from '../shared/chart/curve';
import { grownCurve, isOvergrown, type IStoredCurve, wholeCurve } from './points';
import { type IWatcher, Shelf } from './shelf';

/** How many metrics are fetched at a time. */
const PARALLEL = 4;

/** How many runs one request may name. */
const MOST_RUNS = 100;

/** How many points are kept of curves that nobody looks at any more, about 50 bytes each. */
const KEPT_POINTS = 300_000;

/** How many points the small curve of a row needs. */
export const ROW_POINTS = 320;

/** How many points of each run a chart of so many runs needs. */
export function chartPoints(runs: number): number {
  return Math.max(250, Math.min(1000, Math.floor(12_000 / Math.max(1, runs))));
}

/**
 * Curves of many runs at the resolution that can be drawn. Only those that somebody looks at are
 * fetched, all runs of a metric by one request; a refresh asks for what is new.
 */
export class CurveStore implements IDisposable {
  constructor(private readonly api: TrackingApi) {}

  /** Emitted with the name of the metric that changed. */
  get changed(): ISignal<this, string> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this.queue.clear();
    this.zooms.clear();
    for (const { abort, zoomAbort } of this.shelves.values()) {
      abort?.abort();
      zoomAbort?.abort();
    }
    this.shelves.clear();
    Signal.clearData(this);
  }

  get(runId: string, key: string): IStoredCurve | undefined {
    return this.shelves.get(key)?.curves.get(runId);
  }

  /** Somebody looks at curves: fetch them, and keep them fresh until the returned function is called. */
  watch(runIds: readonly string[], key: string, most = chartPoints(runIds.length)): () => void {
    const shelf = this.shelf(key);
    const watcher: IWatcher = { runIds, most };
    shelf.watchers.add(watcher);
    this.ask(key);
    return () => {
      shelf.watchers.delete(watcher);
      shelf.usedAt = ++this.time;
      if (shelf.watchers.size === 0) {
        this.queue.delete(key);
        this.zooms.delete(key);
        shelf.abort?.abort();
        shelf.zoomAbort?.abort();
        this.tidy();
      }
    };
  }

  /** Runs have moved on; without ids, all. */
  refresh(runIds?: readonly string[]): void {
    for (const [key, shelf] of this.shelves) {
      for (const id of runIds ?? shelf.curves.keys()) {
        if (shelf.curves.has(id)) {
          shelf.stale.add(id);
        }
      }
      this.ask(key);
    }
  }

  /** What is known may be wrong, as after a new attempt: fetch whole curves. */
  startOver(): void {
    for (const shelf of this.shelves.values()) {
      for (const id of shelf.curves.keys()) {
        shelf.whole.add(id);
      }
    }
    this.refresh();
  }

  /** Why curves of a metric are not there, if they could not be fetched. */
  problem(key: string): unknown {
    return this.shelves.get(key)?.problem ?? null;
  }

  /** Fetch finer points between two steps; without a range, drop them. */
  zoom(runIds: readonly string[], key: string, range: readonly [number, number] | null): void {
    const shelf = this.shelf(key);
    shelf.zoomAbort?.abort();
    shelf.zoom = range && { runIds, range };
    if (range) {
      this.zooms.add(key);
      this.work();
    } else {
      this.zooms.delete(key);
      this.putDetail(key, shelf, runIds, () => null);
    }
  }

  private shelf(key: string): Shelf {
    const shelf = this.shelves.get(key) ?? new Shelf();
    this.shelves.set(key, shelf);
    return shelf;
  }

  private ask(key: string): void {
    const { whole, grown } = this.missing(this.shelf(key));
    if (whole.length + grown.length > 0) {
      this.queue.add(key);
      this.work();
    }
  }

  /** Of what is looked at: what has to be fetched whole, and of what only the end. */
  private missing(shelf: Shelf): { whole: string[]; grown: string[]; most: number } {
    const whole: string[] = [];
    const grown: string[] = [];
    let most = 0;
    for (const [id, points] of shelf.wanted()) {
      most = Math.max(most, points);
      const curve = shelf.curves.get(id);
      const isStale = shelf.stale.has(id);
      if (
        !curve ||
        (curve.most < points && curve.thinned) ||
        (isStale && (shelf.whole.has(id) || isOvergrown(curve) || curve.points.length === 0))
      ) {
        whole.push(id);
      } else if (isStale) {
        grown.push(id);
      }
    }
    return { whole, grown, most };
  }

  private work(): void {
    for (const key of this.queue) {
      const shelf = this.shelf(key);
      if (this.running >= PARALLEL) {
        return;
      }
      // A metric is asked for by one request at a time; what moves meanwhile is asked for after it.
      if (!shelf.abort) {
        this.queue.delete(key);
        this.run(() => this.load(key, shelf));
      }
    }
    for (const key of this.zooms) {
      if (this.running >= PARALLEL) {
        return;
      }
      this.zooms.delete(key);
      this.run(() => this.loadDetail(key, this.shelf(key)));
    }
  }

  private run(task: () => Promise<void>): void {
    this.running += 1;
    void task().finally(() => {
      this.running -= 1;
      this.work();
    });
  }

  private async load(key: string, shelf: Shelf): Promise<void> {
    const { whole, grown, most } = this.missing(shelf);
    const abort = new AbortController();
    shelf.abort = abort;
    [...whole, ...grown].forEach(id => shelf.stale.delete(id));
    try {
      if (whole.length > 0) {
        const found = await this.fetch(whole, key, most, undefined, abort.signal);
        this.put(key, shelf, whole, found, (before, points) => wholeCurve(points, most, before));
        whole.forEach(id => found && shelf.whole.delete(id));
        if (shelf.zoom) {
          // Only now is it known which curves have more points, and what was finer may be of another attempt.
          this.zooms.add(key);
        }
      }
      if (grown.length > 0) {
        const from = Math.min(...grown.map(id => lastStep(shelf.curves.get(id)!)));
        const range = [from, Number.MAX_SAFE_INTEGER] as const;
        const found = await this.fetch(grown, key, most, range, abort.signal);
        this.put(key, shelf, grown, found, (before, points) => grownCurve(before!, points));
      }
    } finally {
      shelf.abort = null;
    }
    if (!abort.signal.aborted && shelf.watchers.size > 0 && shelf.whole.size > 0) {
      this.ask(key);
    }
  }

  private async loadDetail(key: string, shelf: Shelf): Promise<void> {
    if (!shelf.zoom) {
      return;
    }
    const { runIds, range } = shelf.zoom;
    const abort = new AbortController();
    shelf.zoomAbort = abort;
    const finer = runIds.filter(id => shelf.curves.get(id)?.thinned);
    const found =
      finer.length > 0
        ? await this.fetch(finer, key, chartPoints(finer.length), range, abort.signal)
        : new Map<string, IPoint[]>();
    // Meanwhile somebody may look at another stretch, or at everything again.
    if (found && !abort.signal.aborted) {
      this.putDetail(key, shelf, runIds, id => {
        const points = found.get(id);
        return points ? { range, points } : null;
      });
    }
  }

  private putDetail(
    key: string,
    shelf: Shelf,
    runIds: readonly string[],
    detailOf: (runId: string) => IStoredCurve['detail']
  ): void {
    let hasChanged = false;
    for (const id of runIds) {
      const curve = shelf.curves.get(id);
      const detail = detailOf(id);
      if (curve && curve.detail !== detail) {
        shelf.curves.set(id, { ...curve, detail });
        hasChanged = true;
      }
    }
    if (hasChanged && !this._isDisposed) {
      this._changed.emit(key);
    }
  }

  private put(
    key: string,
    shelf: Shelf,
    runIds: readonly string[],
    found: ReadonlyMap<string, readonly IPoint[]> | null,
    merge: (before: IStoredCurve | undefined, points: readonly IPoint[]) => IStoredCurve | null
  ): void {
    let hasChanged = found === null;
    for (const id of runIds) {
      const before = shelf.curves.get(id);
      if (!found) {
        // The next refresh tries again; until then, the views say why there is nothing.
        shelf.stale.add(id);
        continue;
      }
      const curve = merge(before, found.get(id) ?? []);
      if (!curve) {
        shelf.whole.add(id);
        shelf.stale.add(id);
      } else if (curve !== before) {
        shelf.curves.set(id, curve);
        hasChanged = true;
      }
    }
    if (hasChanged && !this._isDisposed) {
      this._changed.emit(key);
    }
  }

  private async fetch(
    runIds: readonly string[],
    key: string,
    most: number,
    range?: readonly [number, number],
    signal?: AbortSignal
  ): Promise<Map<string, IPoint[]> | null> {
    const byRun = new Map<string, IPoint[]>(runIds.map(id => [id, []]));
    const shelf = this.shelf(key);
    try {
      for (let at = 0; at < runIds.length; at += MOST_RUNS) {
        const found = await this.api.history(
          runIds.slice(at, at + MOST_RUNS),
          key,
          most,
          range && { startStep: range[0], endStep: range[1] },
          signal
        );
        for (const { run_id, step, timestamp, value } of found) {
          byRun.get(run_id)?.push({ step, timestamp, value });
        }
      }
      shelf.problem = null;
      return byRun;
    } catch (error) {
      if (!signal?.aborted) {
        shelf.problem = error;
      }
      return null;
    }
  }

  /** Forget what was not looked at for longest. */
  private tidy(): void {
    const unwatched = [...this.shelves]
      .filter(([, shelf]) => shelf.watchers.size === 0)
      .sort(([, one], [, two]) => two.usedAt - one.usedAt);
    let kept = 0;
    for (const [key, shelf] of unwatched) {
      kept += shelf.size;
      if (kept > KEPT_POINTS) {
        this.shelves.delete(key);
      }
    }
  }

  private running = 0;
  private time = 0;
  private _isDisposed = false;
  private readonly queue = new Set<string>();
  private readonly zooms = new Set<string>();
  private readonly shelves = new Map<string, Shelf>();
  private readonly _changed = new Signal<this, string>(this);
}

function lastStep(curve: IStoredCurve): number {
  return curve.points[curve.points.length - 1].step;
}
