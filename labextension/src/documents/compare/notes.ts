import type { TranslationBundle } from '@jupyterlab/translation';

import type { INote } from '../../api/compare';
import { short } from './words';

/** What a comparison leaves out or does not know, in a sentence. */
export function noteSentence(note: INote, trans: TranslationBundle): string {
  const { count = 0, limit = 0 } = note;
  const table = tableName(note.what, trans);
  const named = note.names?.length
    ? note.names.map(short).join(', ')
    : trans._n('%1 run', '%1 runs', count);
  switch (note.code) {
    case 'LONG_VALUES':
      return trans._n(
        '%2: %1 value is longer than %3 characters; its beginning is shown.',
        '%2: %1 values are longer than %3 characters; their beginning is shown.',
        count,
        table,
        limit
      );
    case 'MANY_ROWS':
      return trans.__('%1: %2 of %3 are shown, those that differ first.', table, limit, count);
    case 'MANY_FILES':
      return trans.__('%1 files travelled with the runs; %2 are compared.', count, limit);
    case 'MUCH_CODE':
      return trans.__(
        'There is more code that differs than is compared at once; compare two runs.'
      );
    case 'DELETED':
      return trans.__('In the trash: %1.', named);
    case 'NO_CODE':
      return trans.__('No code was kept of %1; it is kept of what runs as a job.', named);
    case 'NO_PACKAGES':
      return trans.__('No packages were noted of %1; a job notes them.', named);
    default:
      return note.text;
  }
}

function tableName(what: string | undefined, trans: TranslationBundle): string {
  switch (what) {
    case 'params':
      return trans.__('Params');
    case 'metrics':
      return trans.__('Metrics');
    case 'tags':
      return trans.__('Tags');
    case 'datasets':
      return trans.__('Data');
    case 'packages':
      return trans.__('Packages');
    default:
      return trans.__('Environment');
  }
}
