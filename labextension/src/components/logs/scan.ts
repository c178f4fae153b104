import type { JobsApi } from '../../api/jobs';
import { tailLines } from '../../shared/log/lines';
import type { Finder } from './matches';
import { byteLength } from './window';

/** How much is fetched at a time, and how many hits end a search. */
const STEP = 2 ** 20;
export const MAX_HITS = 1000;

/** How far a search through a whole log has come. */
export interface IScan {
  /** Offsets of the lines that match, in order. */
  hits: readonly number[];
  done: boolean;
  /** From 0 to 1. */
  fraction: number;
}

/** Search a whole log, piece by piece, telling how far it is. */
export async function scanLog(
  api: JobsApi,
  job: string,
  finder: Finder,
  signal: AbortSignal,
  onProgress: (scan: IScan) => void,
  rank?: number
): Promise<void> {
  const hits: number[] = [];
  let rest = '';
  let at = 0;
  let next = 0;
  let size = 1;
  while (next < size && hits.length < MAX_HITS) {
    const range = await api.logs(job, { offset: next, limit: STEP, rank }, signal);
    if (range.next_offset <= next) {
      break;
    }
    size = range.size;
    next = range.next_offset;
    const text = rest + range.data;
    const end = next >= size ? text.length : text.lastIndexOf('\n') + 1;
    at = search(text.slice(0, end), at, finder, hits);
    rest = text.slice(end);
    onProgress({ hits: [...hits], done: false, fraction: Math.min(1, next / size) });
  }
  onProgress({ hits, done: true, fraction: 1 });
}

/** Search whole lines that begin at an offset; returns the offset behind them. */
function search(text: string, offset: number, finder: Finder, hits: number[]): number {
  // Text without carriage returns and colours is what it looks like, and mostly holds no hit.
  const isPlain = !/[\r\x1b\b]/.test(text);
  let at = offset;
  if (!isPlain || finder.find(text).length > 0) {
    let counted = 0;
    for (let start = 0; start < text.length && hits.length < MAX_HITS;) {
      const end = text.indexOf('\n', start) + 1 || text.length;
      const line = text.slice(start, end);
      const shown = isPlain ? line : (tailLines(line, 1)[0]?.text ?? '');
      if (finder.find(shown).length > 0) {
        at += byteLength(text.slice(counted, start));
        counted = start;
        hits.push(at);
      }
      start = end;
    }
    return at + byteLength(text.slice(counted));
  }
  return at + byteLength(text);
}
