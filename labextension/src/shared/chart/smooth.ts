/**
 * Exponential moving average, corrected for its start (so that it does not begin at zero). A gap
 * stays a gap and does not disturb what follows.
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  const keep = Math.min(0.999, Math.max(0, weight));
  let mean = 0;
  let share = 0;
  return values.map(value => {
    if (value === null) {
      return null;
    }
    mean = keep * mean + (1 - keep) * value;
    share = keep * share + (1 - keep);
    return mean / share;
  });
}
