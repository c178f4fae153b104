import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { TrackingApi } from '../../api/tracking';
import type { IPoint } from '../../shared/chart/curve';

/** How many points are fetched of a whole curve, and how many it may grow to until it is thinned. */
const POINTS = 1000;
const MOST_POINTS = 2500;

/** How many curves are fetched at a time. */
const PARALLEL = 4;

/** What is known of one metric. */
export interface IStoredCurve {
  points: readonly IPoint[];
  /** Whether there may be more points than these. */
  thinned: boolean;
  /** What a zoom brought: finer points between two steps. */
  detail: { range: readonly [number, number]; points: readonly IPoint[] } | null;
}

/**
 * The curves of one run at the resolution that can be drawn. Only those that somebody looks at are
 * fetched; a refresh asks for what is new.
 */
export class CurveStore implements IDisposable {
  constructor(
    private readonly api: TrackingApi,
    private readonly runId: string
  ) {}

  /** Emitted with the name of the metric that changed. */
  get changed(): ISignal<this, string> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this.abort.signal.aborted;
  }

  dispose(): void {
    this.abort.abort();
    Signal.clearData(this);
  }

  get(key: string): IStoredCurve | undefined {
    return this.stored.get(key);
  }

  /** Somebody looks at a curve: fetch it, and keep it fresh until the returned function is called. */
  watch(key: string): () => void {
    this.watched.set(key, (this.watched.get(key) ?? 0) + 1);
    if (!this.stored.has(key) || this.stale.has(key)) {
      this.ask(key);
    }
    return () => {
      const left = (this.watched.get(key) ?? 1) - 1;
      if (left > 0) {
        this.watched.set(key, left);
      } else {
        this.watched.delete(key);
      }
    };
  }

  /** The run has moved on. */
  refresh(): void {
    for (const key of this.stored.keys()) {
      if (this.watched.has(key)) {
        this.ask(key);
      } else {
        this.stale.add(key);
      }
    }
  }

  /** What is known may be wrong, as after a new attempt: fetch whole curves. */
  startOver(): void {
    for (const key of this.stored.keys()) {
      this.whole.add(key);
    }
    this.refresh();
  }

  /** Fetch finer points between two steps; without a range, drop them. */
  async zoom(key: string, range: readonly [number, number] | null): Promise<void> {
    const curve = this.stored.get(key);
    if (!curve) {
      return;
    }
    if (!range || !curve.thinned) {
      if (curve.detail) {
        this.set(key, { ...curve, detail: null });
      }
      return;
    }
    const points = await this.fetch(key, POINTS, range);
    const now = this.stored.get(key);
    if (now && points) {
      this.set(key, { ...now, detail: { range, points } });
    }
  }

  private ask(key: string): void {
    if (!this.queue.includes(key)) {
      this.queue.push(key);
      this.work();
    }
  }

  private work(): void {
    while (this.running < PARALLEL && this.queue.length > 0) {
      const key = this.queue.shift()!;
      this.running += 1;
      this.stale.delete(key);
      void this.load(key).finally(() => {
        this.running -= 1;
        this.work();
      });
    }
  }

  private async load(key: string): Promise<void> {
    const before = this.stored.get(key);
    const last = before?.points[before.points.length - 1];
    const isWhole =
      !before || !last || this.whole.delete(key) || before.points.length > MOST_POINTS;
    const range = isWhole ? undefined : ([last.step, Number.MAX_SAFE_INTEGER] as const);
    const found = await this.fetch(key, POINTS, range);
    if (!found) {
      return;
    }
    const thinned = found.length >= POINTS;
    if (isWhole) {
      this.set(key, { points: found, thinned, detail: before?.detail ?? null });
    } else if (hasNews(found, before.points)) {
      const kept = before.points.filter(point => point.step < last.step);
      this.set(key, {
        ...before,
        points: [...kept, ...found],
        thinned: before.thinned || thinned
      });
    }
  }

  private async fetch(
    key: string,
    most: number,
    range?: readonly [number, number]
  ): Promise<readonly IPoint[] | null> {
    try {
      return await this.api.history(
        [this.runId],
        key,
        most,
        range && { startStep: range[0], endStep: range[1] },
        this.abort.signal
      );
    } catch {
      // The next refresh tries again; the document says when the server is away.
      this.stale.add(key);
      return null;
    }
  }

  private set(key: string, curve: IStoredCurve): void {
    this.stored.set(key, curve);
    this._changed.emit(key);
  }

  private running = 0;
  private readonly queue: string[] = [];
  private readonly stored = new Map<string, IStoredCurve>();
  private readonly watched = new Map<string, number>();
  private readonly stale = new Set<string>();
  private readonly whole = new Set<string>();
  private readonly abort = new AbortController();
  private readonly _changed = new Signal<this, string>(this);
}

function hasNews(found: readonly IPoint[], known: readonly IPoint[]): boolean {
  const last = known[known.length - 1];
  const kept = known.filter(point => point.step >= last.step);
  return (
    found.length !== kept.length ||
    found.some((point, at) => !Object.is(point.value, kept[at].value))
  );
}

/** All points to draw: finer ones where a zoom brought them. */
export function pointsOf(curve: IStoredCurve): readonly IPoint[] {
  const { points, detail } = curve;
  if (!detail || detail.points.length === 0) {
    return points;
  }
  const [from, to] = detail.range;
  return [
    ...points.filter(point => point.step < from),
    ...detail.points,
    ...points.filter(point => point.step > to)
  ];
}

/** The least and the greatest number of a curve. */
export function extremes(points: readonly IPoint[]): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const { value } of points) {
    if (!Number.isNaN(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? [low, high] : null;
}
