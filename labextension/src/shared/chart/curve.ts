import { isInfinite } from '../format';

/** What the horizontal axis shows. */
export type XAxis = 'step' | 'time' | 'relative';

/** One logged value. */
export interface IPoint {
  step: number;
  /** Milliseconds since the epoch. */
  timestamp: number;
  value: number;
}

/** The values of one metric of one run. */
export interface ICurve {
  id: string;
  label: string;
  /** The number of its colour, from 1. */
  colour: number;
  /** The number of its dash pattern; a whole line if absent. */
  dash?: number;
  /** When the run began, for relative time. */
  start: number;
  points: readonly IPoint[];
}

/** Two columns of equal length; a `null` is a gap. */
export interface ITrace {
  xs: number[];
  ys: (number | null)[];
}

/** What cannot be drawn, so that it can be said. */
export interface IOmitted {
  nan: number;
  infinite: number;
  notPositive: number;
  firstStep: number | null;
}

/** The place of a point on the horizontal axis; times are in seconds. */
export function xOf(point: IPoint, axis: XAxis, start: number): number {
  switch (axis) {
    case 'step':
      return point.step;
    case 'time':
      return point.timestamp / 1000;
    case 'relative':
      return (point.timestamp - start) / 1000;
  }
}

/**
 * The columns of a curve, in order; of several values at one place the last one counts. What is no
 * number (or, on a logarithmic axis, not positive) is a gap.
 */
export function traceOf(curve: ICurve, axis: XAxis, isLog: boolean): ITrace {
  const xs: number[] = [];
  const ys: (number | null)[] = [];
  for (const point of ordered(curve.points, axis)) {
    const x = xOf(point, axis, curve.start);
    const { value } = point;
    const isGap = Number.isNaN(value) || isInfinite(value) || (isLog && value <= 0);
    const y = isGap ? null : value;
    if (xs.length > 0 && xs[xs.length - 1] === x) {
      ys[ys.length - 1] = y;
    } else {
      xs.push(x);
      ys.push(y);
    }
  }
  return { xs, ys };
}

function ordered(points: readonly IPoint[], axis: XAxis): readonly IPoint[] {
  const key = (point: IPoint): number => (axis === 'step' ? point.step : point.timestamp);
  for (let at = 1; at < points.length; at++) {
    if (key(points[at]) < key(points[at - 1])) {
      return [...points].sort((one, two) => key(one) - key(two));
    }
  }
  return points;
}

/** What a curve holds that cannot be drawn. */
export function omittedOf(curve: ICurve, isLog: boolean): IOmitted {
  const omitted: IOmitted = { nan: 0, infinite: 0, notPositive: 0, firstStep: null };
  for (const { value, step } of curve.points) {
    const before = omitted.nan + omitted.infinite + omitted.notPositive;
    if (Number.isNaN(value)) {
      omitted.nan += 1;
    } else if (isInfinite(value)) {
      omitted.infinite += 1;
    } else if (isLog && value <= 0) {
      omitted.notPositive += 1;
    }
    if (before === 0 && omitted.nan + omitted.infinite + omitted.notPositive > 0) {
      omitted.firstStep = step;
    }
  }
  return omitted;
}

/**
 * Put traces on one common horizontal axis. Where a trace has no point it is `undefined`, which is
 * drawn through; its own gaps stay `null`.
 */
export function align(traces: readonly ITrace[]): {
  xs: number[];
  columns: (number | null | undefined)[][];
} {
  if (traces.length === 1) {
    return { xs: traces[0].xs, columns: [traces[0].ys] };
  }
  const xs = [...new Set(traces.flatMap(trace => trace.xs))].sort((one, two) => one - two);
  const place = new Map(xs.map((x, index) => [x, index]));
  const columns = traces.map(trace => {
    const column = new Array<number | null | undefined>(xs.length);
    trace.xs.forEach((x, index) => {
      column[place.get(x)!] = trace.ys[index];
    });
    return column;
  });
  return { xs, columns };
}

/** The part of the steps that a stretch of the horizontal axis covers, with one point to spare. */
export function stepRange(
  curves: readonly ICurve[],
  axis: XAxis,
  from: number,
  to: number
): [number, number] | null {
  if (axis === 'step') {
    return [Math.floor(from), Math.ceil(to)];
  }
  let low = Infinity;
  let high = -Infinity;
  for (const { points, start } of curves) {
    points.forEach((point, index) => {
      const x = xOf(point, axis, start);
      if (x >= from && x <= to) {
        low = Math.min(low, points[Math.max(0, index - 1)].step, point.step);
        high = Math.max(high, points[Math.min(points.length - 1, index + 1)].step, point.step);
      }
    });
  }
  return low <= high ? [low, high] : null;
}
