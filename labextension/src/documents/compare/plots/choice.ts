import type { JSONObject, ReadonlyPartialJSONValue } from '@lumino/coreutils';

import type { Brush } from './axes';
import type { Colouring } from './rows';

/** What was chosen of the plots of a comparison; what is absent was left as it is. */
export interface IPlotChoice {
  colouring?: Colouring;
  /** The axes of the parallel coordinates, in their order. */
  axes?: readonly string[];
  /** The part that is chosen of some axes. */
  brushes?: readonly (readonly [axis: string, brush: Brush])[];
  /** The axes of the scatter. */
  x?: string;
  y?: string;
  /** Which axes of it are logarithmic, where that was said. */
  logs?: readonly (readonly [axis: string, isLog: boolean])[];
}

/** A choice as it was remembered; what cannot be understood is left out. */
export function readChoice(saved: unknown): IPlotChoice {
  const found = isObject(saved) ? saved : {};
  const { colouring, axes, brushes, x, y, logs } = found;
  return {
    ...((colouring === 'merit' || colouring === 'run') && { colouring }),
    ...(Array.isArray(axes) && { axes: axes.filter(isText) }),
    ...(Array.isArray(brushes) && { brushes: brushes.filter(isBrushed) }),
    ...(isText(x) && { x }),
    ...(isText(y) && { y }),
    ...(Array.isArray(logs) && { logs: logs.filter(isLogged) })
  };
}

/** A choice as it is remembered. */
export function writeChoice(choice: IPlotChoice): JSONObject {
  return JSON.parse(JSON.stringify(choice)) as JSONObject;
}

/** A list of pairs with another value for one key, or without the key. */
export function withPair<T>(
  pairs: readonly (readonly [string, T])[],
  key: string,
  value: T | null
): (readonly [string, T])[] {
  const others = pairs.filter(([one]) => one !== key);
  return value === null ? others : [...others, [key, value]];
}

function isObject(value: unknown): value is Record<string, ReadonlyPartialJSONValue> {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isBrushed(pair: unknown): pair is readonly [string, Brush] {
  return (
    Array.isArray(pair) &&
    isText(pair[0]) &&
    Array.isArray(pair[1]) &&
    pair[1].length === 2 &&
    pair[1].every(end => typeof end === 'number' && end >= 0 && end <= 1)
  );
}

function isLogged(pair: unknown): pair is readonly [string, boolean] {
  return Array.isArray(pair) && isText(pair[0]) && typeof pair[1] === 'boolean';
}
