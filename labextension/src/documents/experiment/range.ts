import { MOST_ROWS } from '../../api/table';
import type { ExperimentModel } from './model';

/** The most runs that Shift selects at once. */
const MOST = 10_000;

/** The ids of the runs in some lines; those that are not here are asked for. */
export async function idsBetween(
  table: ExperimentModel,
  one: number,
  other: number
): Promise<string[]> {
  const first = Math.min(one, other);
  const last = Math.min(Math.max(one, other), first + MOST - 1);
  const found: string[] = [];
  let isWhole = true;
  for (let line = first; line <= last; line += 1) {
    const entry = table.rows.entry(line);
    if (entry?.kind === 'run') {
      found.push(entry.row.run_id);
    }
    isWhole &&= entry !== undefined;
  }
  if (isWhole || table.rows.asked?.group !== null) {
    return found;
  }
  const ids: string[] = [];
  while (first + ids.length <= last) {
    const offset = first + ids.length;
    const limit = Math.min(MOST_ROWS, last - offset + 1);
    const { rows, has_more } = await table.api.window(
      table.rows.asked.question,
      offset + table.rows.shift,
      limit
    );
    ids.push(...rows.map(row => row.run_id));
    if (!has_more || !rows.length) {
      break;
    }
  }
  return ids;
}
