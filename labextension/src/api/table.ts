import type { ServerConnection } from '@jupyterlab/services';

import { request, send } from './request';
import type { LifecycleStage, RunStatus } from './types';

const RUNS = 'api/v1/runs';
const VIEWS = 'api/v1/table-views';

/** The most rows that a window has. */
export const MOST_ROWS = 500;

/** The most runs that one bulk action takes. */
export const MOST_RUNS = 10_000;

/** Which runs, by whether they are in the trash. */
export type RunLife = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

/** What a table shows: which runs, in which order, with which values. */
export interface ITableQuestion {
  experiment_ids: string[];
  /** MLflow's filter grammar. */
  filter?: string;
  order_by?: string[];
  view?: RunLife;
  metrics?: string[];
  params?: string[];
  tags?: string[];
  /** Nothing for runs that are nested in none, an id for those nested in that run; absent for all. */
  parent?: string | null;
  /** Only the runs of one group. */
  group?: { by: string; value: string | null };
}

/** A run as a table shows it: only the values that were asked for. */
export interface ITableRow {
  run_id: string;
  run_name: string;
  experiment_id: string;
  status: RunStatus;
  start_time: number;
  end_time: number | null;
  user_id: string;
  lifecycle_stage: LifecycleStage;
  parent_run_id: string | null;
  /** How many runs are nested in it, where that is known. */
  children: number | null;
  /** Numbers; NaN and the infinities are words. */
  metrics: Record<string, number | string>;
  params: Record<string, string>;
  tags: Record<string, string>;
}

/** Some rows of a table. */
export interface ITableWindow {
  /** How many there are; nothing where the server does not know. */
  total: number | null;
  offset: number;
  has_more: boolean;
  rows: ITableRow[];
}

/** What the values of a metric in a group are. */
export interface ISpread {
  min: number | string;
  max: number | string;
  mean: number | string;
}

/** Runs that have something in common. */
export interface IRunGroup {
  /** Nothing for the runs that have no such param or tag. */
  value: string | null;
  count: number;
  metrics: Record<string, ISpread>;
}

/** Some groups of a table. */
export interface IGroupWindow {
  total: number | null;
  /** Whether not all runs were looked at. */
  truncated: boolean;
  groups: IRunGroup[];
}

/** The names of what runs have. */
export interface IRunKeys {
  metrics: string[];
  params: string[];
  tags: string[];
  truncated: boolean;
}

/** The values of a param, tag or attribute. */
export interface IRunValues {
  values: { value: string; count: number | null }[];
  truncated: boolean;
}

/** What can be done to many runs at once. */
export type BulkAction = 'tag' | 'untag' | 'delete' | 'restore' | 'purge';

/** What came of an action on many runs. */
export interface IBulkResult {
  done: number;
  /** Those that changed. */
  run_ids: string[];
  failed: { run_id: string; message: string }[];
}

/** A saved view of a table. */
export interface ISavedView {
  id: string;
  name: string;
  experiment_ids: string[];
  definition: Record<string, unknown>;
  updated_at: number;
}

interface IViewsPage {
  views: ISavedView[];
  next_page_token: string | null;
}

/** The routes of the table of runs. */
export class TableApi {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** Some rows. */
  async window(
    question: ITableQuestion,
    offset: number,
    limit: number,
    signal?: AbortSignal
  ): Promise<ITableWindow> {
    const body = { ...question, offset, limit };
    const found = await this.post<ITableWindow>(`${RUNS}/window`, body, signal);
    for (const row of found.rows) {
      row.metrics = plain(row.metrics);
      row.params = plain(row.params);
      row.tags = plain(row.tags);
    }
    return found;
  }

  /** Some groups of runs. */
  async groups(
    question: Pick<ITableQuestion, 'experiment_ids' | 'filter' | 'view' | 'metrics'>,
    by: string,
    offset: number,
    limit: number,
    signal?: AbortSignal
  ): Promise<IGroupWindow> {
    const body = { ...question, by, offset, limit };
    const found = await this.post<IGroupWindow>(`${RUNS}/groups`, body, signal);
    for (const group of found.groups) {
      group.metrics = plain(group.metrics);
    }
    return found;
  }

  /** The names of metrics, params and tags. */
  keys(
    experimentIds: readonly string[],
    prefix = '',
    limit = 1000,
    signal?: AbortSignal
  ): Promise<IRunKeys> {
    const body = { experiment_ids: experimentIds, prefix: prefix || undefined, limit };
    return this.post(`${RUNS}/keys`, body, signal);
  }

  /** The values of `params.lr`, `tags.team` and the like. */
  values(
    experimentIds: readonly string[],
    key: string,
    prefix = '',
    limit = 50,
    signal?: AbortSignal
  ): Promise<IRunValues> {
    const body = { experiment_ids: experimentIds, key, prefix: prefix || undefined, limit };
    return this.post(`${RUNS}/values`, body, signal);
  }

  /** Do something to many runs. */
  bulk(
    action: BulkAction,
    runIds: readonly string[],
    tag: { key?: string; value?: string } = {}
  ): Promise<IBulkResult> {
    return this.post(`${RUNS}/bulk`, { action, run_ids: runIds, ...tag });
  }

  /** A table as a file, or some of its runs: more than an address can name. */
  async export(
    question: ITableQuestion,
    format: 'csv' | 'parquet',
    picked: { run_ids?: string[]; without?: string[] } = {}
  ): Promise<{ name: string; file: Blob }> {
    const body = { ...question, ...picked, format };
    const options = { method: 'POST', body, isLong: true } as const;
    const response = await send(this.settings, `${RUNS}/export`, options);
    const head = response.headers.get('Content-Disposition') ?? '';
    const name = /filename="([^"]+)"/.exec(head)?.[1] ?? `runs.${format}`;
    return { name, file: await response.blob() };
  }

  /** The saved views of some experiments. */
  async views(experimentIds: readonly string[]): Promise<ISavedView[]> {
    const experiment_ids = experimentIds.join(',');
    const found: ISavedView[] = [];
    let token: string | null = null;
    do {
      const query = { experiment_ids, ...(token && { page_token: token }) };
      const page: IViewsPage = await request<IViewsPage>(this.settings, VIEWS, { query });
      found.push(...page.views);
      token = page.next_page_token;
    } while (token);
    return found;
  }

  /** Save a view. */
  createView(
    view: Pick<ISavedView, 'name' | 'experiment_ids' | 'definition'>
  ): Promise<ISavedView> {
    return this.post(VIEWS, view);
  }

  /** Change a saved view. */
  updateView(
    id: string,
    change: Partial<Pick<ISavedView, 'name' | 'experiment_ids' | 'definition'>>
  ): Promise<ISavedView> {
    return request(this.settings, `${VIEWS}/${encodeURIComponent(id)}`, {
      method: 'PUT',
      body: change
    });
  }

  /** Delete a saved view. */
  async removeView(id: string): Promise<void> {
    await request(this.settings, `${VIEWS}/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }

  private post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
    return request<T>(this.settings, path, { method: 'POST', body, signal });
  }
}

/** The same without what every object has: a key may be called `constructor` or `__proto__`. */
export function plain<T>(...values: Record<string, T>[]): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, ...values) as Record<string, T>;
}
