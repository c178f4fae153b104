/** How many colours there are for curves. */
export const SERIES_COUNT = 8;

/** FNV-1a: the same number for the same text, everywhere and always. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return value;
}

/** The colour number (1–8) that a run keeps wherever it is drawn. */
export function seriesIndex(id: string): number {
  return (hash(id) % SERIES_COUNT) + 1;
}

/** The colour of a run. */
export function seriesColour(id: string): string {
  return seriesVariable(seriesIndex(id));
}

/** The CSS variable of a colour number. */
export function seriesVariable(index: number): string {
  return `var(--jp-trackside-series-${index})`;
}

/**
 * Colour numbers for runs that are drawn together: each keeps its own unless an earlier one has it
 * and another is free.
 */
export function assignSeries(ids: readonly string[]): Map<string, number> {
  const taken = new Set<number>();
  const assigned = new Map<string, number>();
  for (const id of ids) {
    let index = seriesIndex(id);
    for (let tries = 0; taken.has(index) && tries < SERIES_COUNT; tries++) {
      index = (index % SERIES_COUNT) + 1;
    }
    taken.add(index);
    assigned.set(id, index);
    if (taken.size === SERIES_COUNT) {
      taken.clear();
    }
  }
  return assigned;
}

/** The dash patterns by which runs of one colour are told apart, in pixels; the first is a whole line. */
export const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [12, 3, 2, 3]];

/** How the curve of a run is drawn. */
export interface ISeriesLook {
  /** The number of its colour, from 1. */
  colour: number;
  /** The number of its dash pattern, from 0. */
  dash: number;
}

/** How the curves of runs look that are drawn together: beyond eight, colours come again with dashes. */
export function seriesLooks(ids: readonly string[]): Map<string, ISeriesLook> {
  const used = new Map<number, number>();
  return new Map(
    [...assignSeries(ids)].map(([id, colour]) => {
      const before = used.get(colour) ?? 0;
      used.set(colour, before + 1);
      return [id, { colour, dash: before % DASHES.length }];
    })
  );
}
