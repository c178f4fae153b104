import type { IRun, IUnpinned } from '../api/types';
import { gitFacts } from '../documents/run/provenance';
import type { ITrans } from '../shared/trans';

/** How many files or data sets a sentence names. */
const NAMED = 5;

/**
 * What is not pinned as far as the run knows: files that were changed, but neither committed nor
 * taken along, and data that are referred to, but not kept.
 */
export function unpinnedOf(
  run: IRun,
  bundle: readonly string[],
  source: string | null,
  trans: ITrans
): IUnpinned[] {
  const found: IUnpinned[] = [];
  const files = (gitFacts(run)?.files ?? []).filter(file => !travelled(file, bundle, source));
  if (files.length > 0) {
    found.push({
      code: 'FILES',
      message: trans.__(
        'Files were changed, but neither committed nor taken along: %1.',
        shortList(files, trans)
      ),
      blocks: false
    });
  }
  if (run.datasets.length > 0) {
    const names = run.datasets.map(({ dataset }) => dataset.name);
    found.push({
      code: 'DATA',
      message: trans.__('Data are referred to, but not kept: %1.', shortList(names, trans)),
      blocks: false
    });
  }
  return found;
}

/** Whether a file of the repository is among what travelled; its folder may be another one there. */
function travelled(file: string, bundle: readonly string[], source: string | null): boolean {
  const isSame = (path: string): boolean => file === path || file.endsWith(`/${path}`);
  // A notebook travels as the code of its cell.
  return (
    bundle.some(isSame) || (source !== null && (isSame(source) || source.endsWith(`/${file}`)))
  );
}

function shortList(names: readonly string[], trans: ITrans): string {
  const shown = names.slice(0, NAMED).join(', ');
  const more = names.length - NAMED;
  return more > 0 ? trans._n('%2 and %1 more', '%2 and %1 more', more, shown) : shown;
}
