import type { IComparison } from '../../../api/compare';
import { parseNumber } from '../../../shared/format';

/** A quantity that runs are placed by. */
export interface IAxis {
  /** `params.lr`, `metrics.loss`. */
  id: string;
  label: string;
  kind: 'params' | 'metrics';
  /** Whether its values are words. */
  isCategorical: boolean;
  /** The words, in the order in which they stand; empty for numbers. */
  categories: readonly string[];
  /** The finite numbers' ends; both 0 when there is none. */
  low: number;
  high: number;
  /** The value of each run; `null` where there is none, NaN where it is no number. */
  values: readonly (number | string | null)[];
}

/** The axes that a comparison offers: first the params that differ, then the metrics. */
export function axesOf(comparison: IComparison): IAxis[] {
  const params = comparison.params.filter(row => row.differs);
  return [
    ...params.map(row => makeAxis('params', row.key, row.values)),
    ...comparison.metrics.map(row => makeAxis('metrics', row.key, row.values))
  ];
}

/** The axes that are drawn before anybody chose: some params, and last what is better. */
export function firstAxes(axes: readonly IAxis[], metric: string | null, most = 6): string[] {
  const best = axes.find(axis => axis.id === `metrics.${metric}`);
  const params = axes.filter(axis => axis.kind === 'params').slice(0, most - 1);
  const metrics = axes
    .filter(axis => axis.kind === 'metrics' && axis !== best)
    .slice(0, Math.max(0, Math.min(2, most - 1 - params.length)));
  return [...params, ...metrics, ...(best ? [best] : [])].map(axis => axis.id);
}

function makeAxis(
  kind: IAxis['kind'],
  key: string,
  raw: readonly (number | string | null)[]
): IAxis {
  const numbers = raw.map(value => (value === null ? null : readNumber(value)));
  const isCategorical = numbers.some((value, at) => value === undefined && raw[at] !== null);
  const values = raw.map((value, at) =>
    value === null ? null : isCategorical ? String(value) : numbers[at]!
  );
  const finite = isCategorical
    ? []
    : values.filter((value): value is number => Number.isFinite(value));
  const words = isCategorical
    ? [...new Set(values.filter((value): value is string => value !== null))].sort((one, two) =>
        one.localeCompare(two, undefined, { numeric: true })
      )
    : [];
  return {
    id: `${kind}.${key}`,
    label: key,
    kind,
    isCategorical,
    categories: words,
    low: finite.length > 0 ? Math.min(...finite) : 0,
    high: finite.length > 0 ? Math.max(...finite) : 0,
    values
  };
}

/** A number, NaN for words that mean none, `undefined` for other words. */
function readNumber(value: number | string): number | undefined {
  if (typeof value === 'number') {
    return value;
  }
  const parsed = parseNumber(value);
  return Number.isNaN(parsed) && value.trim().toLowerCase() !== 'nan' ? undefined : parsed;
}

/** Whether a logarithm of the axis can be drawn. */
export function canBeLog(axis: IAxis): boolean {
  return !axis.isCategorical && axis.low > 0 && axis.high > axis.low;
}

/** Where a value stands on its axis, from 0 to 1; `null` for what has no place on it. */
export function placeOf(axis: IAxis, value: number | string | null, isLog = false): number | null {
  if (value === null) {
    return null;
  }
  if (typeof value === 'string') {
    const at = axis.categories.indexOf(value);
    return axis.categories.length < 2 ? 0.5 : at / (axis.categories.length - 1);
  }
  if (!Number.isFinite(value)) {
    return null;
  }
  if (axis.high === axis.low) {
    return 0.5;
  }
  return isLog
    ? (Math.log(value) - Math.log(axis.low)) / (Math.log(axis.high) - Math.log(axis.low))
    : (value - axis.low) / (axis.high - axis.low);
}

/** The value at a place of an axis of numbers, the reverse of {@link placeOf}. */
export function valueAt(axis: IAxis, place: number, isLog = false): number {
  return isLog
    ? Math.exp(Math.log(axis.low) + place * (Math.log(axis.high) - Math.log(axis.low)))
    : axis.low + place * (axis.high - axis.low);
}

/** The part of an axis that is chosen, from 0 to 1. */
export type Brush = readonly [low: number, high: number];

/** Whether a run lies within all that is chosen. What has no place on a chosen axis does not. */
export function isWithin(
  axes: readonly IAxis[],
  brushes: ReadonlyMap<string, Brush>,
  run: number
): boolean {
  return axes.every(axis => {
    const brush = brushes.get(axis.id);
    if (!brush) {
      return true;
    }
    const place = placeOf(axis, axis.values[run], isLogByDefault(axis));
    return place !== null && place >= brush[0] - 1e-9 && place <= brush[1] + 1e-9;
  });
}

/** Whether numbers lie so far apart that only their logarithms can be told apart. */
export function isLogByDefault(axis: IAxis): boolean {
  return canBeLog(axis) && axis.high / axis.low >= 100;
}

/**
 * How good each run is, by its place among all: from 0 (worst) to 1 (best); `null` where that is not
 * known. Places and not values, or one bad run would make all others look alike.
 */
export function merits(comparison: IComparison): (number | null)[] {
  const { objective, metrics, runs } = comparison;
  const row = metrics.find(({ key }) => key === objective?.metric);
  if (!objective || !row) {
    return runs.map(() => null);
  }
  const finite = row.values.filter((value): value is number => typeof value === 'number');
  const steps = [...new Set(finite)].sort((one, two) =>
    objective.goal === 'max' ? one - two : two - one
  );
  return row.values.map(value => {
    if (typeof value !== 'number') {
      return null;
    }
    return steps.length < 2 ? 0.5 : steps.indexOf(value) / (steps.length - 1);
  });
}
