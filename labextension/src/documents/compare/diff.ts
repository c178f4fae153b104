/** One line of a difference. */
export interface IDiffLine {
  kind: 'same' | 'added' | 'removed' | 'place';
  text: string;
  /** Its number in the old text, where it is there. */
  old: number | null;
  /** Its number in the new text, where it is there. */
  now: number | null;
}

/** Two lines beside each other. */
export interface IDiffPair {
  left: IDiffLine | null;
  right: IDiffLine | null;
}

const PLACE = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** Read a unified difference without its head. */
export function readDiff(text: string): IDiffLine[] {
  const lines: IDiffLine[] = [];
  let old = 0;
  let now = 0;
  for (const line of text.split('\n')) {
    const place = PLACE.exec(line);
    if (place) {
      // An empty file begins at 0, and so does what is counted from it.
      old = Number(place[1]) || 1;
      now = Number(place[2]) || 1;
      lines.push({ kind: 'place', text: line, old: null, now: null });
      continue;
    }
    const rest = line.slice(1);
    if (line.startsWith('+')) {
      lines.push({ kind: 'added', text: rest, old: null, now: now++ });
    } else if (line.startsWith('-')) {
      lines.push({ kind: 'removed', text: rest, old: old++, now: null });
    } else if (line) {
      lines.push({ kind: 'same', text: rest, old: old++, now: now++ });
    }
  }
  return lines;
}

/** Put what was removed beside what came in its place. */
export function sideBySide(lines: readonly IDiffLine[]): IDiffPair[] {
  const pairs: IDiffPair[] = [];
  let removed: IDiffLine[] = [];
  let added: IDiffLine[] = [];
  const flush = (): void => {
    for (let at = 0; at < Math.max(removed.length, added.length); at++) {
      pairs.push({ left: removed[at] ?? null, right: added[at] ?? null });
    }
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.kind === 'removed') {
      if (added.length > 0) {
        flush();
      }
      removed.push(line);
    } else if (line.kind === 'added') {
      added.push(line);
    } else {
      flush();
      pairs.push({ left: line, right: line });
    }
  }
  flush();
  return pairs;
}
