import { number } from '../format';

/** A run as a list shows it. */
export interface IListedRun {
  run_id: string;
  run_name: string;
  status: string;
  /** Milliseconds since the epoch. */
  start_time: number;
  end_time: number | null;
  /** Numbers; NaN and the infinities may be words. */
  metrics: Readonly<Record<string, number | string>>;
  params: Readonly<Record<string, string>>;
}

/** How a list is sorted: by a column such as `metrics.loss`. */
export interface IListOrder {
  column: string;
  descending: boolean;
}

/** The head of a column: the key without its kind. */
export function columnLabel(column: string): string {
  return column.slice(column.indexOf('.') + 1);
}

/** What a run has in a column, as text; nothing where it has nothing. */
export function cellText(run: IListedRun, column: string): string {
  const key = columnLabel(column);
  if (column.startsWith('metrics.')) {
    return Object.hasOwn(run.metrics, key) ? number(run.metrics[key]) : '';
  }
  return Object.hasOwn(run.params, key) ? run.params[key] : '';
}

/** The column whose curve is drawn: the first metric. */
export function curveColumn(columns: readonly string[]): string | undefined {
  return columns.find(column => column.startsWith('metrics.'));
}

/** The ids that are selected after one was switched. */
export function toggled(selected: readonly string[], id: string): string[] {
  return selected.includes(id) ? selected.filter(other => other !== id) : [...selected, id];
}

/** The ids that are selected when a stretch of rows was added. */
export function extended(selected: readonly string[], ids: readonly string[]): string[] {
  return [...new Set([...selected, ...ids])];
}
