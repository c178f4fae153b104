import type { TranslationBundle } from '@jupyterlab/translation';

import { number } from '../../../shared/format';
import { type IAxis, isLogByDefault, placeOf, valueAt } from './axes';

/** A run as a plot draws it. */
export interface IPlotRun {
  runId: string;
  name: string;
  /** How good it is, from 0 to 1; `null` where that is not known. */
  merit: number | null;
}

/** By what runs are coloured. */
export type Colouring = 'merit' | 'run';

/** A value as it is read. */
export function valueText(value: number | string | null, trans: TranslationBundle): string {
  return value === null ? trans.__('none') : typeof value === 'number' ? number(value) : value;
}

/** What stands at a place of an axis. */
export function textAt(axis: IAxis, place: number): string {
  if (axis.isCategorical) {
    return axis.categories[Math.round(place * (axis.categories.length - 1))] ?? '';
  }
  return number(valueAt(axis, place, isLogByDefault(axis)));
}

/** The colour of how good a run is; what has no result is dim. */
export function meritColour(merit: number | null): string {
  return merit === null
    ? 'var(--jp-ui-font-color3)'
    : `color-mix(in oklab, var(--jp-trackside-series-1) ${Math.round(merit * 100)}%, var(--jp-trackside-series-2))`;
}

/** What a run has on some axes, in words. */
export function describeRun(
  run: IPlotRun,
  at: number,
  axes: readonly IAxis[],
  trans: TranslationBundle
): string {
  const values = axes.map(axis => trans.__('%1 %2', axis.label, valueText(axis.values[at], trans)));
  return [run.name, ...values].join(', ');
}

/** A few places of an axis that are worth a label. */
export function ticksOf(axis: IAxis): { place: number; text: string }[] {
  if (axis.isCategorical) {
    const step = Math.ceil(axis.categories.length / 12);
    return axis.categories
      .filter((_, at) => at % step === 0)
      .map(text => ({ place: placeOf(axis, text)!, text }));
  }
  if (axis.high === axis.low) {
    return [{ place: 0.5, text: number(axis.low) }];
  }
  return [0, 0.25, 0.5, 0.75, 1].map(place => ({ place, text: textAt(axis, place) }));
}
