import type { TranslationBundle } from '@jupyterlab/translation';

import type { IImport, IOutcomes } from '../api/transfers';
import { count, size } from '../shared/format';

/** What a kind of thing is called. */
export function kindLabel(kind: string, trans: TranslationBundle): string {
  switch (kind) {
    case 'experiments':
      return trans.__('Experiments');
    case 'runs':
      return trans.__('Runs');
    case 'models':
      return trans.__('Logged models');
    case 'registered_models':
      return trans.__('Registered models');
    case 'versions':
      return trans.__('Model versions');
    case 'traces':
      return trans.__('Traces');
    default:
      return kind;
  }
}

/** What came of one kind, in a few words. */
export function outcomeText(
  outcomes: IOutcomes,
  isDryRun: boolean,
  trans: TranslationBundle
): string {
  const parts = [
    outcomes.new &&
      (isDryRun
        ? trans.__('%1 would be new', count(outcomes.new))
        : trans.__('%1 new', count(outcomes.new))),
    outcomes.changed && trans.__('%1 completed', count(outcomes.changed)),
    outcomes.same && trans.__('%1 there already', count(outcomes.same)),
    outcomes.skipped && trans.__('%1 left out', count(outcomes.skipped))
  ];
  return parts.filter(Boolean).join(', ') || '0';
}

/** Where an import stands, in a sentence. */
export function stateText(found: IImport, trans: TranslationBundle): string {
  const { progress } = found;
  switch (found.state) {
    case 'QUEUED':
      return trans.__('Waiting for another import to end …');
    case 'RUNNING':
      return progress.doing ? trans.__('Working: %1 …', progress.doing) : trans.__('Working …');
    case 'FAILED':
      return found.message ?? trans.__('It failed.');
    case 'CANCELED':
      return trans.__('Stopped. What came so far is here.');
    case 'SUCCEEDED':
      if (found.dry_run) {
        return trans.__('This would come from %1.', found.source);
      }
      return progress.problems
        ? trans.__('What could be taken came from %1.', found.source)
        : trans.__('Everything came from %1.', found.source);
  }
}

/** Points and files, in a few words; empty when there are none. */
export function amountText(found: IImport, trans: TranslationBundle): string {
  const { points, files, bytes } = found.progress;
  return [
    points && trans._n('%1 point', '%1 points', points),
    files && trans._n('%1 file', '%1 files', files),
    bytes && size(bytes)
  ]
    .filter(Boolean)
    .join(', ');
}

/** How much of what can be counted is done, from 0 to 1; null when it is not known. */
export function share(found: IImport): number | null {
  const { counts, totals } = found.progress;
  let done = 0;
  let all = 0;
  for (const [kind, total] of Object.entries(totals)) {
    const of = counts[kind];
    all += total;
    done += of ? Math.min(total, of.new + of.changed + of.same + of.skipped) : 0;
  }
  return all > 0 ? done / all : null;
}
