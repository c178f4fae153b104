/** The share of the height that data may shrink to before the axis follows. */
const USED = 0.55;

/** Round outwards to a multiple of about a sixth of the span, so that small changes change nothing. */
function roundOut(low: number, high: number): [number, number] {
  const span = high - low || Math.abs(high) || 1;
  const order = 10 ** Math.floor(Math.log10(span));
  const unit = order * (span < 2 * order ? 0.2 : span < 5 * order ? 0.5 : 1);
  const digits = Math.max(0, 1 - Math.floor(Math.log10(unit)));
  const clean = (value: number): number =>
    digits > 20 ? value : Number(value.toFixed(Math.min(20, digits)));
  let from = Math.floor((low - span * 0.03) / unit) * unit;
  const to = Math.ceil((high + span * 0.03) / unit) * unit;
  if (low >= 0 && from < 0) {
    from = 0;
  }
  return [clean(from), clean(to)];
}

/**
 * The range of a vertical axis: it is kept while the data fit in and use enough of it, so that a
 * live chart does not jump with each point.
 */
export function steadyRange(
  low: number,
  high: number,
  before: readonly [number, number] | null,
  isLog: boolean
): [number, number] {
  if (isLog) {
    return logRange(low, high);
  }
  if (before) {
    const span = before[1] - before[0];
    if (low >= before[0] && high <= before[1] && high - low >= span * USED) {
      return [before[0], before[1]];
    }
  }
  return roundOut(low, high);
}

/** From and to 1, 2 or 5 times a power of ten, so that an axis has labels whatever the data. */
function logRange(low: number, high: number): [number, number] {
  const nice = (value: number, round: (units: number[], power: number) => number): number => {
    const power = 10 ** Math.floor(Math.log10(value));
    return Number((round([1, 2, 5, 10], value / power) * power).toPrecision(3));
  };
  const from = nice(low, (units, share) => units.filter(unit => unit <= share + 1e-9).pop() ?? 1);
  const to = nice(high, (units, share) => units.find(unit => unit >= share - 1e-9) ?? 10);
  return from < to ? [from, to] : [from / 2, to * 2];
}
