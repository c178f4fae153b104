import type { IRun } from '../api/types';

/**
 * A field of a run in the spelling of MLflow's grammar: `metrics.loss`, `params.lr`, `tags.team`,
 * `attributes.start_time`.
 */
export type Field = string;

/** How runs are sorted. */
export interface IOrder {
  field: Field;
  descending: boolean;
}

/** Newest first. */
export const NEWEST: IOrder = { field: 'attributes.start_time', descending: true };

/** The attributes that are worth a column or an order. */
export const ATTRIBUTES = [
  'attributes.start_time',
  'attributes.end_time',
  'attributes.run_name',
  'attributes.status',
  'attributes.user_id'
];

/** Metrics that people look at first, best first. */
const FAVOURITES = [
  /^(val|valid|validation|eval|test)[_/.-]?loss$/i,
  /loss$/i,
  /acc(uracy)?(_score)?$/i,
  /(f1|auc|r2|rmse|mae|mse|score)/i
];

/** Among so few runs, each may well have a learning rate of its own. */
const FEW_RUNS = 5;

/** The kind and the key of a field. */
export function splitField(field: Field): { kind: string; key: string } {
  const dot = field.indexOf('.');
  return { kind: field.slice(0, dot), key: field.slice(dot + 1) };
}

/** The clause that sorts by a field. */
export function orderClause(order: IOrder): string {
  const { kind, key } = splitField(order.field);
  const name = kind === 'attributes' ? key : `\`${key}\``;
  return `${kind}.${name} ${order.descending ? 'DESC' : 'ASC'}`;
}

/** The value of a field in a run; numbers for metrics and times. */
export function fieldValue(run: IRun, field: Field): number | string | null {
  const { kind, key } = splitField(field);
  switch (kind) {
    case 'metrics':
      return run.metrics.get(key)?.value ?? null;
    case 'params':
      return run.params.get(key) ?? null;
    case 'tags':
      return run.tags.get(key) ?? null;
    default:
      return attribute(run, key);
  }
}

/** The fields that occur in some runs, most frequent first, then by name. */
export function fieldsOf(runs: readonly IRun[], kind: 'metrics' | 'params'): Field[] {
  const counts = new Map<string, number>();
  for (const run of runs) {
    for (const key of run[kind].keys()) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || a.localeCompare(b))
    .map(([key]) => `${kind}.${key}`);
}

/**
 * The columns that say most when nobody chose any: the metrics that people look at first, and the
 * params that tell the runs apart, in turns.
 */
export function autoColumns(
  runs: readonly IRun[],
  count: number,
  mainMetrics: readonly string[] = []
): Field[] {
  const metrics = byInterest(
    fieldsOf(runs, 'metrics').map(field => splitField(field).key),
    mainMetrics
  );
  const params = fieldsOf(runs, 'params').map(field => splitField(field).key);
  const varying = params
    .map(key => [key, new Set(runs.map(run => run.params.get(key))).size] as const)
    .filter(([, values]) => values > 1)
    .sort(([, a], [, b]) => telling(b, runs.length) - telling(a, runs.length))
    .map(([key]) => key);
  const chosen = varying.length ? varying : params.slice(0, 1);
  const columns: Field[] = [];
  for (let turn = 0; turn < Math.max(metrics.length, chosen.length); turn += 1) {
    columns.push(
      ...metrics.slice(turn, turn + 1).map(key => `metrics.${key}`),
      ...chosen.slice(turn, turn + 1).map(key => `params.${key}`)
    );
  }
  return columns.slice(0, count);
}

/** How well a param with so many values tells runs apart: a seed that is another each time does not. */
function telling(values: number, runs: number): number {
  return runs > FEW_RUNS && values === runs ? 0 : values;
}

/** What makes a text a filter: signs, or words between a name and what a comparison goes on with. */
const COMPARISON = /[<>=]|\b(i?like|rlike)\b|\bin\s*\(|\bis\s+(not\s+)?null\b/i;

/**
 * What was typed into the filter box as MLflow's grammar: text without any comparison looks for
 * names.
 */
export function toFilter(text: string): string {
  const trimmed = text.trim();
  if (!trimmed || COMPARISON.test(trimmed)) {
    return trimmed;
  }
  // The grammar has no escapes: what stands for anything there finds what was typed, and more.
  return `attributes.run_name ILIKE '%${trimmed.replace(/['"\\]/g, '_')}%'`;
}

/** Metrics, those that people look at first before the others. */
export function byInterest(
  metrics: readonly string[],
  mainMetrics: readonly string[] = []
): string[] {
  const rank = (key: string): number => {
    if (mainMetrics.includes(key)) {
      return -1;
    }
    const favourite = FAVOURITES.findIndex(pattern => pattern.test(key));
    const last = FAVOURITES.length + (key.startsWith('system/') ? 1 : 0);
    return favourite < 0 ? last : favourite;
  };
  return [...metrics].sort((a, b) => rank(a) - rank(b));
}

function attribute(run: IRun, key: string): number | string | null {
  const { info } = run;
  switch (key) {
    case 'start_time':
      return info.start_time || null;
    case 'end_time':
      return info.end_time;
    case 'run_name':
      return info.run_name;
    case 'status':
      return info.status;
    case 'user_id':
      return info.user_id;
    default:
      return null;
  }
}
