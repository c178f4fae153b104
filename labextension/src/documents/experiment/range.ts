import { MOST_ROWS } from '../../api/table';
import type { ExperimentModel } from './model';

/** The most runs that Shift selects at once. */
const MOST = 10_000;

/** The lines from one to another; of too many, those next to the first. */
export function span(from: number, to: number): [first: number, last: number] {
  return from <= to ? [from, Math.min(to, from + MOST - 1)] : [Math.max(to, from - MOST + 1), from];
}

/** The ids of the runs in the lines from one to another; those that are not here are asked for. */
export async function idsBetween(
  table: ExperimentModel,
  from: number,
  to: number
): Promise<string[]> {
  const [first, last] = span(from, to);
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
