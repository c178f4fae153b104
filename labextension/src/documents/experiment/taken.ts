import type { ITableQuestion, TableApi } from '../../api/table';
import type { Selection } from '../../models/selection';
import { narrowed } from './snippet';

/** So few are named in the filter, and found without reading the table up to the last of them. */
const MOST_NAMED = 150;

/** Which runs of a table are taken away. */
export interface ITaken {
  question: ITableQuestion;
  /** More runs than a filter names: which of the question's, or which of them not. */
  picked?: { run_ids?: string[]; without?: string[] };
}

/** The runs that are selected; without a selection, all that match. */
export function takenOf(question: ITableQuestion, selection: Selection): ITaken {
  const ids = [...selection.ids];
  if (selection.isEverything) {
    return ids.length ? { question, picked: { without: ids } } : { question };
  }
  if (!ids.length) {
    return { question };
  }
  return ids.length <= MOST_NAMED
    ? { question: narrowed(question, ids) }
    : // What is selected is meant, even if it no longer matches.
      { question: { ...question, filter: undefined, view: 'ALL' }, picked: { run_ids: ids } };
}

/** Have the browser save the runs as a file. */
export async function download(
  api: TableApi,
  { question, picked }: ITaken,
  format: 'csv' | 'parquet'
): Promise<void> {
  // Asked for once, and by the page: what is refused is said, and a large file is written only once.
  const { name, file } = await api.export(question, format, picked);
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by the next turn.
  setTimeout(() => URL.revokeObjectURL(url));
}
