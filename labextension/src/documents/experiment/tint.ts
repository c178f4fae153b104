import { isInfinite, parseNumber } from '../../shared/format';
import type { Tint } from './columns';

/** The least and the greatest value of a metric. */
export type Range = readonly [number, number];

/** How much of the colour the strongest value gets: text on it stays legible in every theme. */
const STRONGEST = 36;

/** The range of some values that are numbers. */
export function rangeOf(values: Iterable<number | string | undefined>): Range | null {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    const number = value === undefined ? NaN : parseNumber(value);
    if (Number.isFinite(number) && !isInfinite(number)) {
      low = Math.min(low, number);
      high = Math.max(high, number);
    }
  }
  return low <= high ? [low, high] : null;
}

/** Whether all of some texts are numbers; an empty one says nothing, and none at all is none. */
export function areNumbers(values: Iterable<string | undefined>): boolean {
  let isAny = false;
  for (const value of values) {
    if (value?.trim()) {
      if (Number.isNaN(parseNumber(value.trim())) && value.trim() !== 'NaN') {
        return false;
      }
      isAny = true;
    }
  }
  return isAny;
}

/** How strongly a value is coloured, in per cent; nothing for what is no number. */
export function strength(value: number | string | undefined, range: Range, tint: Tint): number {
  const number = value === undefined ? NaN : parseNumber(value);
  const [low, high] = range;
  if (Number.isNaN(number) || high <= low) {
    return 0;
  }
  const part = Math.min(1, Math.max(0, (number - low) / (high - low)));
  return Math.round((tint === 'high' ? part : 1 - part) * STRONGEST);
}
