import { number } from '../format';
import type { ITrans } from '../trans';
import { omittedOf, type ICurve } from './curve';

/** A chart in words, for who cannot see it. */
export function summaryText(title: string, curves: readonly ICurve[], trans: ITrans): string {
  const parts = curves.map(curve => {
    const finite = curve.points.filter(point => Number.isFinite(point.value));
    if (finite.length === 0) {
      return trans.__('%1: no values yet', curve.label);
    }
    const last = finite[finite.length - 1];
    const low = finite.reduce((best, point) => (point.value < best.value ? point : best));
    const high = finite.reduce((best, point) => (point.value > best.value ? point : best));
    return trans.__(
      '%1: last %2 at step %3, lowest %4 at step %5, highest %6 at step %7',
      curve.label,
      number(last.value),
      last.step,
      number(low.value),
      low.step,
      number(high.value),
      high.step
    );
  });
  return trans.__('Chart of %1. %2', title, parts.join('; '));
}

/** What could not be drawn, or nothing. */
export function omissionText(curves: readonly ICurve[], isLog: boolean, trans: ITrans): string {
  const sum = { nan: 0, infinite: 0, notPositive: 0 };
  let first = Infinity;
  for (const curve of curves) {
    const omitted = omittedOf(curve, isLog);
    sum.nan += omitted.nan;
    sum.infinite += omitted.infinite;
    sum.notPositive += omitted.notPositive;
    first = Math.min(first, omitted.firstStep ?? Infinity);
  }
  const parts = [
    sum.nan > 0 && trans._n('%1 NaN', '%1 NaN', sum.nan),
    sum.infinite > 0 && trans._n('%1 infinite', '%1 infinite', sum.infinite),
    sum.notPositive > 0 && trans._n('%1 not above zero', '%1 not above zero', sum.notPositive)
  ].filter(Boolean);
  return parts.length > 0
    ? trans.__('Not drawn: %1, from step %2 on.', parts.join(', '), first)
    : '';
}
