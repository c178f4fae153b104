/** Places in one row: as close to what is wished as the room between neighbours allows. */

/** How often the rows are gone over. */
const PASSES = 6;

/** What {@link spread} needs to know of the graph. */
export interface IRows {
  rows: readonly (readonly number[])[];
  next: readonly (readonly number[])[];
  before: readonly (readonly number[])[];
  /** How wide each node is. */
  width: (node: number) => number;
  /** How much it pulls: what only passes through a rank keeps straight. */
  weight: (node: number) => number;
  gap: number;
}

/** The middle of each node across the flow, the first one at half its width. */
export function spread(graph: IRows): number[] {
  const { rows, next, before, width, gap } = graph;
  const middles: number[] = [];
  for (const row of rows) {
    let at = 0;
    for (const node of row) {
      middles[node] = at + width(node) / 2;
      at += width(node) + gap;
    }
  }
  for (let pass = 0; pass < PASSES; pass += 1) {
    const isLast = pass === PASSES - 1;
    const isDown = pass % 2 === 0;
    for (const row of isDown ? rows : [...rows].reverse()) {
      const wishes = row.map(node => {
        const near = isLast ? [...before[node], ...next[node]] : isDown ? before[node] : next[node];
        return near.length
          ? near.reduce((sum, other) => sum + middles[other], 0) / near.length
          : middles[node];
      });
      place(row, wishes, graph, middles);
    }
  }
  const least = Math.min(...rows.flat().map(node => middles[node] - width(node) / 2));
  return middles.map(middle => middle - (Number.isFinite(least) ? least : 0));
}

/**
 * The places with the least squares of distances from what is wished that keep order and room:
 * neighbours that would overlap form a block, which stands at its mean.
 */
function place(
  row: readonly number[],
  wishes: readonly number[],
  { width, weight, gap }: IRows,
  middles: number[]
): void {
  const offsets: number[] = [];
  let offset = 0;
  row.forEach((node, at) => {
    if (at > 0) {
      offset += (width(row[at - 1]) + width(node)) / 2 + gap;
    }
    offsets.push(offset);
  });
  const blocks: { sum: number; weight: number; size: number }[] = [];
  row.forEach((node, at) => {
    let block = { sum: (wishes[at] - offsets[at]) * weight(node), weight: weight(node), size: 1 };
    for (
      let last = blocks[blocks.length - 1];
      last && last.sum / last.weight > block.sum / block.weight;
      last = blocks[blocks.length - 1]
    ) {
      blocks.pop();
      block = {
        sum: last.sum + block.sum,
        weight: last.weight + block.weight,
        size: last.size + block.size
      };
    }
    blocks.push(block);
  });
  let at = 0;
  for (const block of blocks) {
    for (let inside = 0; inside < block.size; inside += 1, at += 1) {
      middles[row[at]] = block.sum / block.weight + offsets[at];
    }
  }
}
