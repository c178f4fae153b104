import type { IRun } from '../../api/types';

/** How many metrics are columns until somebody chooses. */
const AT_FIRST = 3;

/** Words in the names of metrics of which less is better. */
const LESS = /loss|error|err\b|rmse|mae\b|mse\b|perplexity|latency|time|duration|cost|wer\b|cer\b/i;

/** Whether more or less of a metric is better. */
export type Goal = 'max' | 'min';

/** The metrics of these runs, those that most of them have first. */
export function metricKeys(runs: readonly IRun[]): string[] {
  const counts = new Map<string, number>();
  for (const { metrics } of runs) {
    for (const key of metrics.keys()) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const keys = [...counts.keys()].filter(key => !key.startsWith('system/'));
  return keys.sort((one, other) => {
    return counts.get(other)! - counts.get(one)! || one.localeCompare(other);
  });
}

/** The columns to begin with. */
export function firstColumns(keys: readonly string[]): string[] {
  return keys.slice(0, AT_FIRST);
}

/** What is better, as far as a name tells it. */
export function guessGoal(key: string): Goal {
  return LESS.test(key) ? 'min' : 'max';
}

/** The best value of a metric; nothing when there is nothing to choose from. */
export function bestOf(runs: readonly IRun[], key: string, goal: Goal): number | null {
  const values = [...new Set(runs.map(run => run.metrics.get(key)?.value))].filter(
    (value): value is number => value !== undefined && Number.isFinite(value)
  );
  if (values.length < 2) {
    return null;
  }
  return goal === 'min' ? Math.min(...values) : Math.max(...values);
}
