import type { BulkAction, IBulkResult, TableApi } from '../api/table';
import { MOST_ROWS, MOST_RUNS } from '../api/table';

/** What of many runs is asked for and changed. */
type Api = Pick<TableApi, 'bulk' | 'window'>;

/** How many runs' tags are looked up before they are written over. */
const MOST_LOOKED_UP = 5000;

/** What became of many runs. */
export interface IDone extends IBulkResult {
  /** Why the rest was not tried; nothing when all were. */
  error?: unknown;
}

/** Do something to any number of runs, some thousands at a time. */
export async function changeRuns(
  api: Api,
  action: BulkAction,
  runIds: readonly string[],
  tag: { key?: string; value?: string } = {}
): Promise<IDone> {
  const all: IDone = { done: 0, run_ids: [], failed: [] };
  try {
    for (let at = 0; at < runIds.length; at += MOST_RUNS) {
      const result = await api.bulk(action, runIds.slice(at, at + MOST_RUNS), tag);
      all.done += result.done;
      all.run_ids.push(...result.run_ids);
      all.failed.push(...result.failed);
    }
  } catch (error) {
    all.error = error;
  }
  return all;
}

/** What a tag of each run is, `null` where a run has none; nothing at all where they are too many. */
export async function tagsOf(
  api: Api,
  experimentIds: readonly string[],
  runIds: readonly string[],
  key: string
): Promise<Map<string, string | null> | null> {
  if (runIds.length > MOST_LOOKED_UP || !experimentIds.length) {
    return null;
  }
  const found = new Map<string, string | null>();
  for (let at = 0; at < runIds.length; at += MOST_ROWS) {
    const named = runIds.slice(at, at + MOST_ROWS).map(id => `'${id}'`);
    const { rows } = await api.window(
      {
        experiment_ids: [...experimentIds],
        filter: `attributes.run_id IN (${named.join(', ')})`,
        view: 'ALL',
        tags: [key]
      },
      0,
      MOST_ROWS
    );
    rows.forEach(({ run_id, tags }) => found.set(run_id, tags[key] ?? null));
  }
  return found;
}

/** Give runs the tags back that they had; what is not known of them stays as it is. */
export async function putTagsBack(
  api: Api,
  runIds: readonly string[],
  key: string,
  before: ReadonlyMap<string, string | null>
): Promise<IDone> {
  const byValue = new Map<string | null, string[]>();
  for (const id of runIds) {
    const value = before.get(id);
    if (value !== undefined) {
      byValue.set(value, [...(byValue.get(value) ?? []), id]);
    }
  }
  const all: IDone = { done: 0, run_ids: [], failed: [] };
  for (const [value, ids] of byValue) {
    const result = await (value === null
      ? changeRuns(api, 'untag', ids, { key })
      : changeRuns(api, 'tag', ids, { key, value }));
    all.done += result.done;
    all.run_ids.push(...result.run_ids);
    all.failed.push(...result.failed);
    if (result.error !== undefined) {
      return { ...all, error: result.error };
    }
  }
  return all;
}
