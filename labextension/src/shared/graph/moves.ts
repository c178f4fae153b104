import type { IGraph, ILayout } from './types';

/** The keys that move from node to node. */
export type MoveKey = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight' | 'Home' | 'End';

const AWAY: Record<string, [number, number]> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0]
};

/** The nodes in the order in which they are read: along the flow, then across. */
export function readingOrder(layout: ILayout): string[] {
  const [first, second] = layout.flow === 'down' ? (['y', 'x'] as const) : (['x', 'y'] as const);
  return [...layout.places]
    .sort(([, one], [, other]) => one[first] - other[first] || one[second] - other[second])
    .map(([id]) => id);
}

/**
 * Where a key leads from a node: with the flow along the edges, across it to the neighbour, and
 * where there is neither, to what stands next in that direction.
 */
export function moveFrom(graph: IGraph, layout: ILayout, from: string, key: MoveKey): string {
  const order = readingOrder(layout);
  if (key === 'Home' || key === 'End') {
    return (key === 'Home' ? order[0] : order[order.length - 1]) ?? from;
  }
  const [x, y] = AWAY[key];
  const here = layout.places.get(from);
  if (!here) {
    return order[0] ?? from;
  }
  const isAlong = layout.flow === 'down' ? y !== 0 : x !== 0;
  const linked = isAlong
    ? graph.edges.flatMap(edge =>
        x + y > 0 ? (edge.from === from ? [edge.to] : []) : edge.to === from ? [edge.from] : []
      )
    : [];
  const candidates = linked.some(id => layout.places.has(id)) ? linked : order;
  let best = from;
  let least = Infinity;
  for (const id of candidates) {
    const place = layout.places.get(id);
    if (!place || id === from) {
      continue;
    }
    const [right, down] = [place.x - here.x, place.y - here.y];
    const ahead = right * x + down * y;
    // What lies in the direction counts; what lies aside of it, much less.
    const distance = ahead + 3 * Math.abs(right * y + down * x);
    if (ahead > 0 && distance < least) {
      least = distance;
      best = id;
    }
  }
  return best;
}
