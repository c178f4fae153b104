import { clock, number } from '../format';
import type { XAxis } from './curve';

const MINUTE = 60;
const HOUR = 3600;

/** Distances between labels that suit seconds. */
const SECONDS = [
  1,
  2,
  5,
  10,
  15,
  30,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  24 * HOUR,
  48 * HOUR,
  120 * HOUR,
  240 * HOUR
];

/** Distances between labels that suit steps: whole numbers. */
const STEPS = Array.from({ length: 13 }, (_, power) =>
  [1, 2, 5].map(unit => unit * 10 ** power)
).flat();

/** The distances between labels that an axis may choose from; nothing where uPlot knows better. */
export function increments(axis: XAxis): number[] | undefined {
  return axis === 'step' ? STEPS : axis === 'relative' ? SECONDS : undefined;
}

/** The label of a place on the horizontal axis. */
export function xLabel(value: number, axis: XAxis): string {
  switch (axis) {
    case 'step':
      return compact(value);
    case 'relative':
      return clock(value * 1000);
    case 'time':
      return new Date(value * 1000).toLocaleTimeString(undefined, {
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit'
      });
  }
}

/** A whole number in little room: `1.2M`, `500k`. */
export function compact(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e6) {
    return `${number(value / 1e6)}M`;
  }
  return magnitude >= 1e4 ? `${number(value / 1e3)}k` : number(value);
}

/** A label of the vertical axis. */
export function yLabel(value: number): string {
  const magnitude = Math.abs(value);
  return magnitude >= 1e4 && magnitude < 1e9
    ? compact(value)
    : number(Number(value.toPrecision(6)));
}
