import type { ServerConnection } from '@jupyterlab/services';

import { request } from './request';
import { TableApi } from './table';
import { TrackingApi } from './tracking';
import type { IPurged } from './types';

const TRASH = 'api/v1/trash';

/** How many things one request deletes for ever. */
export const MOST_NAMED = 10_000;

/** How many things a page of the trash holds. */
const PAGE = 500;

/** What can be in the trash. */
export type TrashKind = 'experiment' | 'run' | 'model';

/** One thing in the trash. */
export interface ITrashed {
  kind: TrashKind;
  id: string;
  name: string;
  experiment_id: string;
  /** In milliseconds; nothing where the server does not say. */
  deleted_at: number | null;
  /** Why emptying the trash leaves it, in a sentence; nothing when it does not. */
  kept: string | null;
}

/** A part of the trash. */
export interface ITrashPage {
  items: ITrashed[];
  /** What to ask for the next part with; nothing at the end. */
  next: string | null;
  /** How much there is in all; nothing where the server does not say. */
  total: number | null;
}

/** The routes of the trash. */
export class TrashApi {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** How much is in the trash, and the first of it. */
  async page(token: string | null = null, limit = PAGE): Promise<ITrashPage> {
    const query = { max_results: limit, page_token: token };
    const found = await request<IRawTrash>(this.settings, TRASH, { query });
    return {
      items: found.items,
      next: found.next_page_token,
      total: found.experiments + found.runs + found.models
    };
  }

  /** How much is in the trash, by kind. */
  counts(): Promise<IRawTrash> {
    return request(this.settings, TRASH, { query: { max_results: 1 } });
  }

  /** Delete things that are in the trash for ever: all of them or none. */
  remove(items: readonly Pick<ITrashed, 'kind' | 'id'>[]): Promise<IPurged> {
    const ids = (wanted: TrashKind): string[] =>
      items.filter(({ kind }) => kind === wanted).map(({ id }) => id);
    return request(this.settings, `${TRASH}/delete`, {
      method: 'POST',
      body: { experiment_ids: ids('experiment'), run_ids: ids('run'), model_ids: ids('model') }
    });
  }

  /** Delete for ever what is in the trash. */
  empty(): Promise<IPurged> {
    return request(this.settings, `${TRASH}/empty`, { method: 'POST', body: {} });
  }
}

/** What is deleted on an outside MLflow server, which has no list of it. */
export class OutsideTrash {
  constructor(settings: ServerConnection.ISettings) {
    this.tracking = new TrackingApi(settings);
    this.table = new TableApi(settings);
  }

  /** The deleted experiments, and the deleted runs of the others, a part at a time. */
  async page(token: string | null = null): Promise<ITrashPage> {
    const offset = Number(token ?? 0);
    const active = await this.tracking.experiments();
    const gone = offset === 0 ? await this.tracking.experiments(undefined, 'DELETED_ONLY') : [];
    const experiments: ITrashed[] = gone.map(({ experiment_id, name, last_update_time }) => ({
      kind: 'experiment',
      id: experiment_id,
      name,
      experiment_id,
      // Deleting is the last change that it saw.
      deleted_at: last_update_time ?? null,
      kept: null
    }));
    const ids = active.slice(0, MOST_EXPERIMENTS).map(({ experiment_id }) => experiment_id);
    if (!ids.length) {
      return { items: experiments, next: null, total: experiments.length };
    }
    const question = { experiment_ids: ids, view: 'DELETED_ONLY' } as const;
    const found = await this.table.window(question, offset, PAGE);
    const runs: ITrashed[] = found.rows.map(({ run_id, run_name, experiment_id }) => ({
      kind: 'run',
      id: run_id,
      name: run_name,
      experiment_id,
      deleted_at: null,
      kept: null
    }));
    return {
      items: [...experiments, ...runs],
      next: found.has_more ? String(offset + found.rows.length) : null,
      total: null
    };
  }

  private readonly tracking: TrackingApi;
  private readonly table: TableApi;
}

/** In how many experiments deleted runs are looked for. */
const MOST_EXPERIMENTS = 1000;

interface IRawTrash {
  experiments: number;
  runs: number;
  models: number;
  items: ITrashed[];
  next_page_token: string | null;
}
