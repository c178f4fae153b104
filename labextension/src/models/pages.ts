import type { IRun, IRunPage } from '../api/types';

/** How many runs a page has. */
export const PAGE = 100;

/**
 * The runs after the first page was fetched anew. Pages that were fetched before stay below it, and
 * so do runs that it pushed down; those that are gone do not.
 */
export function withFirstPage(
  known: readonly IRun[],
  first: IRunPage,
  nextPageToken: string | null,
  gone: ReadonlySet<string>
): IRunPage {
  if (known.length <= PAGE || first.nextPageToken === null) {
    return first;
  }
  const later = known.filter(run => !gone.has(run.info.run_id));
  return { runs: unique([...first.runs, ...later]), nextPageToken };
}

/** The runs, each once. */
export function unique(runs: readonly IRun[]): IRun[] {
  const seen = new Set<string>();
  return runs.filter(({ info }) => !seen.has(info.run_id) && seen.add(info.run_id));
}
