import type { TranslationBundle } from '@jupyterlab/translation';

import type { IScalarsRead } from '../../api/tensorboard';

/** What is said of reading scalars into runs, as short as a notification has to be, and whether all was read. */
export function readWords(
  read: readonly IScalarsRead[],
  trans: TranslationBundle
): { words: string; isWhole: boolean } {
  const points = read.reduce((sum, one) => sum + one.points, 0);
  const metrics = new Set(read.flatMap(one => one.metrics)).size;
  const damaged = read.reduce((sum, one) => sum + one.damaged.length, 0);
  const isTruncated = read.some(one => one.truncated);
  const isWhole = !damaged && !isTruncated;
  const sentences = [
    points
      ? trans.__('Points read: %1, into metrics: %2.', points, metrics)
      : isWhole
        ? trans.__('All scalars of the event files are in the metrics already.')
        : trans.__('There was nothing new to read.'),
    isTruncated ? trans.__('Event files were left out: too many, too deep or too large.') : '',
    damaged ? trans.__('Not read to their end: %1.', damaged) : ''
  ];
  return { words: sentences.filter(Boolean).join(' '), isWhole };
}
