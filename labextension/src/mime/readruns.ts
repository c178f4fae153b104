import type { TrackingApi } from '../api/tracking';
import type { IRun } from '../api/types';
import { isGone } from './live';

/** Most runs that one search names. */
const CHUNK = 100;

/** What came of reading runs: those that are there, in the trash too, and those gone for ever. */
export interface IRead {
  found: ReadonlyMap<string, IRun>;
  gone: ReadonlySet<string>;
}

/** Read runs by their ids. */
export async function readRuns(api: TrackingApi, ids: readonly string[]): Promise<IRead> {
  const found = new Map<string, IRun>();
  const gone = new Set<string>();
  for (const id of ids) {
    if (found.has(id) || gone.has(id)) {
      continue;
    }
    let run: IRun;
    try {
      run = await api.run(id);
    } catch (error) {
      if (!isGone(error)) {
        throw error;
      }
      gone.add(id);
      continue;
    }
    found.set(id, run);
    // Runs that are shown together are mostly of one experiment: one search finds the rest.
    const rest = ids.filter(other => !found.has(other) && !gone.has(other));
    for (let at = 0; at < rest.length; at += CHUNK) {
      const { runs } = await api.searchRuns({
        experimentIds: [run.info.experiment_id],
        filter: namedIn(rest.slice(at, at + CHUNK)),
        life: 'ALL',
        maxResults: CHUNK
      });
      runs.forEach(other => found.set(other.info.run_id, other));
    }
  }
  return { found, gone };
}

// An id that could end the quotation is none.
function namedIn(ids: readonly string[]): string {
  const quoted = ids.filter(id => /^\w+$/.test(id)).map(id => `'${id}'`);
  return `attributes.run_id IN (${quoted.join(', ') || "''"})`;
}
