import type { IPoint } from '../shared/chart/curve';

/** What is known of one metric of one run. */
export interface IStoredCurve {
  points: readonly IPoint[];
  /** How many points were asked for. */
  most: number;
  /** Whether there may be more points than these. */
  thinned: boolean;
  /** What a zoom brought: finer points between two steps. */
  detail: { range: readonly [number, number]; points: readonly IPoint[] } | null;
}

/** How much longer than asked for a curve may grow until it is thinned anew. */
const GROWTH = 2.5;

/** A curve as a whole fetch brought it; a zoom that is looked at stays. */
export function wholeCurve(
  found: readonly IPoint[],
  most: number,
  before: IStoredCurve | undefined
): IStoredCurve {
  // Servers pick from summaries or from steps that the runs share, so fewer come than were asked for.
  return { points: found, most, thinned: found.length * 4 >= most, detail: before?.detail ?? null };
}

/** Whether a curve has become so long that it is better fetched whole. */
export function isOvergrown(curve: IStoredCurve): boolean {
  return curve.points.length > curve.most * GROWTH;
}

/**
 * A curve with what was logged at or after its last step. It is the same object when that is
 * nothing new, and `null` when the last step is no longer there, as after a new attempt.
 */
export function grownCurve(curve: IStoredCurve, found: readonly IPoint[]): IStoredCurve | null {
  const last = curve.points[curve.points.length - 1];
  const news = last ? found.filter(point => point.step >= last.step) : found;
  if (last && news.length === 0) {
    return null;
  }
  const kept = last ? curve.points.filter(point => point.step < last.step) : [];
  const known = curve.points.slice(kept.length);
  const isSame =
    news.length === known.length &&
    news.every((point, at) => Object.is(point.value, known[at].value));
  return isSame
    ? curve
    : {
        ...curve,
        points: [...kept, ...news],
        thinned: curve.thinned || news.length * 4 >= curve.most
      };
}

/**
 * All points to draw: finer ones where a zoom brought them. That ends at the last of these and not
 * at the end of the zoom, which a run that goes on had not reached yet.
 */
export function pointsOf(curve: IStoredCurve): readonly IPoint[] {
  const { points, detail } = curve;
  const last = detail?.points[detail.points.length - 1];
  if (!detail || !last) {
    return points;
  }
  const [from] = detail.range;
  return [
    ...points.filter(point => point.step < from),
    ...detail.points,
    ...points.filter(point => point.step > last.step)
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
