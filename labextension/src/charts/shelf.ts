import type { IStoredCurve } from './points';

/** Who looks at curves of a metric. */
export interface IWatcher {
  runIds: readonly string[];
  most: number;
}

/** The steps that are looked at more closely. */
export interface IZoom {
  runIds: readonly string[];
  range: readonly [number, number];
}

/** The curves of one metric, by run, and who looks at them. */
export class Shelf {
  readonly curves = new Map<string, IStoredCurve>();
  readonly watchers = new Set<IWatcher>();
  /** Runs that moved on since their curve was fetched. */
  readonly stale = new Set<string>();
  /** Runs whose curve is to be fetched whole. */
  readonly whole = new Set<string>();
  /** The stretch that is looked at more closely, and by whose curves. */
  zoom: IZoom | null = null;
  /** Ends the request that is under way, and the one for the zoom. */
  abort: AbortController | null = null;
  zoomAbort: AbortController | null = null;
  /** Why curves did not come when they were asked for last. */
  problem: unknown = null;
  usedAt = 0;

  /** The runs that somebody looks at, and how many points each of them needs. */
  wanted(): Map<string, number> {
    const wanted = new Map<string, number>();
    for (const { runIds, most } of this.watchers) {
      for (const id of runIds) {
        wanted.set(id, Math.max(most, wanted.get(id) ?? 0));
      }
    }
    return wanted;
  }

  /** How many points are kept. */
  get size(): number {
    let size = 0;
    for (const { points, detail } of this.curves.values()) {
      size += points.length + (detail?.points.length ?? 0);
    }
    return size;
  }
}
