import { type Flow, type IGraph, type ILayout, type IPoint, NODE } from '../shared/graph/types';
import { numbered, ordered, ranksOf } from './layers';
import { spread } from './spread';

/** The room between neighbours of one rank, and between ranks. */
const GAP = 28;
const STEP = { down: 46, right: 72 } as const;

/** How wide what only passes through a rank is. */
const TRACK = 8;

/** Most places at which edges pass through ranks; longer ones go straight. */
const MOST_PASSING = 6000;

/** How much wider than high a drawing is liked best. */
const ASPECT = 1.6;

/**
 * Places for a graph in ranks, down or to the right, whichever shows more of it at once.
 *
 * The known way of Sugiyama: ranks, an order with few crossings, places close to the neighbours.
 * Edges of one node that are longer than a rank share their track, which also keeps the work small.
 */
export function layout(graph: IGraph): ILayout {
  const { nodes } = graph;
  const number = new Map(nodes.map((node, at) => [node.id, at]));
  const pairs = graph.edges.map(
    ({ from, to }) => [number.get(from) ?? -1, number.get(to) ?? -1] as const
  );
  const isReal = ([from, to]: readonly [number, number]): boolean =>
    from >= 0 && to >= 0 && from !== to;
  const ranks = ranksOf(numbered(nodes.length, pairs.filter(isReal)));
  const { links, tracks, size } = passing(pairs, ranks, isReal);
  const whole = numbered(size, links);
  const rows = ordered(whole, ranks);
  const isNode = (at: number): boolean => at < nodes.length;
  const flow = flowOf(rows.map(row => row.filter(isNode).length));
  const isDown = flow === 'down';
  const [along, across] = isDown ? [NODE.height, NODE.width] : [NODE.width, NODE.height];
  const width = (at: number): number => (isNode(at) ? across : TRACK);
  const middles = spread({
    rows,
    next: whole.next,
    before: whole.before,
    width,
    weight: at => (isNode(at) ? 1 : 4),
    gap: isDown ? GAP : GAP / 2
  });
  const step = along + STEP[flow];
  const pointAt = (at: number, edge: 0 | 0.5 | 1): IPoint => {
    const onFlow = ranks[at] * step + along * edge;
    return isDown ? { x: middles[at], y: onFlow } : { x: onFlow, y: middles[at] };
  };
  const places = new Map(
    nodes.map(({ id }, at) => {
      const { x, y } = pointAt(at, 0);
      return [id, isDown ? { x: x - across / 2, y } : { x, y: y - across / 2 }];
    })
  );
  const routes = pairs.map((pair, at) =>
    isReal(pair)
      ? [
          pointAt(pair[0], 1),
          ...(tracks[at] ?? []).flatMap(node => [pointAt(node, 0), pointAt(node, 1)]),
          pointAt(pair[1], 0)
        ]
      : []
  );
  const length = Math.max(0, rows.length * step - STEP[flow]);
  const breadth = Math.max(0, ...middles.map((middle, at) => middle + width(at) / 2));
  return {
    flow,
    places,
    routes,
    width: isDown ? breadth : length,
    height: isDown ? length : breadth
  };
}

/** Edges cut at each rank that they pass; `ranks` grows by what is put there. */
function passing(
  pairs: readonly (readonly [number, number])[],
  ranks: number[],
  isReal: (pair: readonly [number, number]) => boolean
): { links: [number, number][]; tracks: (number[] | undefined)[]; size: number } {
  const first = ranks.length;
  const shared = new Map<number, number[]>();
  const links = new Set<string>();
  const result: [number, number][] = [];
  const link = (from: number, to: number): void => {
    const key = `${from} ${to}`;
    if (!links.has(key)) {
      links.add(key);
      result.push([from, to]);
    }
  };
  const tracks = pairs.map(pair => {
    const [from, to] = pair;
    const between = isReal(pair) ? ranks[to] - ranks[from] - 1 : -1;
    if (between < 0) {
      return undefined;
    }
    const track = shared.get(from) ?? [];
    if (ranks.length - first + between - track.length > MOST_PASSING) {
      return undefined;
    }
    shared.set(from, track);
    while (track.length < between) {
      const node = ranks.length;
      ranks.push(ranks[from] + track.length + 1);
      link(track[track.length - 1] ?? from, node);
      track.push(node);
    }
    link(between ? track[between - 1] : from, to);
    return track.slice(0, between);
  });
  return { links: result, tracks, size: ranks.length };
}

/** Down as people read it, unless that would be far wider than a screen. */
function flowOf(counts: readonly number[]): Flow {
  const most = Math.max(1, ...counts);
  const shown = (width: number, height: number): number => Math.max(width, height * ASPECT);
  const down = shown(most * (NODE.width + GAP), counts.length * (NODE.height + STEP.down));
  const right = shown(counts.length * (NODE.width + STEP.right), most * (NODE.height + GAP / 2));
  return right < down * 0.8 ? 'right' : 'down';
}
