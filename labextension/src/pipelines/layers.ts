/** Which rank each node of a graph has, and in which order nodes stand in a rank. */

/** A graph of numbered nodes. */
export interface INumbered {
  size: number;
  /** Of each node, the ones that it leads to. */
  next: readonly (readonly number[])[];
  /** Of each node, the ones that lead to it. */
  before: readonly (readonly number[])[];
}

/** How often the order in the ranks is gone over. */
const SWEEPS = 8;

/** A graph of edges; those that lead nowhere or to where they come from are left out. */
export function numbered(size: number, edges: readonly (readonly [number, number])[]): INumbered {
  const next: number[][] = Array.from({ length: size }, () => []);
  const before: number[][] = Array.from({ length: size }, () => []);
  for (const [from, to] of edges) {
    next[from].push(to);
    before[to].push(from);
  }
  return { size, next, before };
}

/**
 * The rank of each node: one more than the last one that leads to it. What nothing leads to stands
 * close to where it is needed. Of a circle, which no pipeline may have, each node counts once.
 */
export function ranksOf({ size, next, before }: INumbered): number[] {
  const ranks = new Array<number>(size).fill(0);
  const open = before.map(list => list.length);
  const order: number[] = [];
  const seen = new Array<boolean>(size).fill(false);
  const visit = (node: number): void => {
    const ready = [node];
    for (let one = ready.pop(); one !== undefined; one = ready.pop()) {
      if (seen[one]) {
        continue;
      }
      seen[one] = true;
      order.push(one);
      for (const other of next[one]) {
        if (!seen[other]) {
          ranks[other] = Math.max(ranks[other], ranks[one] + 1);
          open[other] -= 1;
          if (open[other] === 0) {
            ready.push(other);
          }
        }
      }
    }
  };
  for (let node = 0; node < size; node += 1) {
    if (open[node] === 0) {
      visit(node);
    }
  }
  for (let node = 0; node < size; node += 1) {
    visit(node);
  }
  for (const node of order.reverse()) {
    if (before[node].length === 0 && next[node].length > 0) {
      ranks[node] = Math.max(0, Math.min(...next[node].map(other => ranks[other])) - 1);
    }
  }
  return ranks;
}

/** The nodes of each rank in an order in which few edges cross. */
export function ordered(graph: INumbered, ranks: readonly number[]): number[][] {
  const rows: number[][] = [];
  for (let node = 0; node < graph.size; node += 1) {
    (rows[ranks[node]] ??= []).push(node);
  }
  const filled = Array.from(rows, row => row ?? []);
  const place = new Array<number>(graph.size).fill(0);
  const settle = (row: readonly number[]): void => row.forEach((node, at) => (place[node] = at));
  filled.forEach(settle);
  let best = filled.map(row => [...row]);
  let fewest = crossings(graph, filled, place);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep += 1) {
    const isDown = sweep % 2 === 0;
    const links = isDown ? graph.before : graph.next;
    for (const row of isDown ? filled : [...filled].reverse()) {
      const wish = new Map(row.map((node, at) => [node, middle(links[node], place) ?? at]));
      row.sort((one, other) => wish.get(one)! - wish.get(other)! || place[one] - place[other]);
      settle(row);
    }
    const now = crossings(graph, filled, place);
    if (now < fewest) {
      fewest = now;
      best = filled.map(row => [...row]);
    }
  }
  return best;
}

function middle(nodes: readonly number[], place: readonly number[]): number | null {
  return nodes.length ? nodes.reduce((sum, node) => sum + place[node], 0) / nodes.length : null;
}

/** How many edges between neighbouring ranks cross. */
function crossings(graph: INumbered, rows: readonly number[][], place: readonly number[]): number {
  let count = 0;
  for (const row of rows) {
    const ends = row.flatMap(node => graph.next[node].map(to => place[to]).sort((a, b) => a - b));
    const width = Math.max(0, ...ends) + 1;
    const sums = new Array<number>(width + 1).fill(0);
    for (let seen = 0; seen < ends.length; seen += 1) {
      let below = 0;
      for (let at = ends[seen] + 1; at > 0; at -= at & -at) {
        below += sums[at];
      }
      count += seen - below;
      for (let at = ends[seen] + 1; at <= width; at += at & -at) {
        sums[at] += 1;
      }
    }
  }
  return count;
}
