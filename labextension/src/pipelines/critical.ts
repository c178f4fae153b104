import type { IGraph } from '../shared/graph/types';

/** What of a layer decided, or decides, when it ends. */
export interface ICriticalPath {
  nodes: ReadonlySet<string>;
  /** The edges of it, as `from to`. */
  edges: ReadonlySet<string>;
}

/** The name of an edge in a critical path. */
export function edgeKey(edge: { from: string; to: string }): string {
  return JSON.stringify([edge.from, edge.to]);
}

/**
 * The tasks that the end of a layer waited for: from the one that ended last, back to the one that
 * it waited for longest, and so on. What goes on counts as ending now.
 */
export function criticalPath(graph: IGraph, now: number): ICriticalPath {
  const byId = new Map(graph.nodes.map(node => [node.id, node]));
  const before = new Map<string, string[]>();
  for (const edge of graph.edges) {
    before.set(edge.to, [...(before.get(edge.to) ?? []), edge.from]);
  }
  const endOf = (id: string): number => {
    const node = byId.get(id);
    return !node || node.started === null ? -Infinity : (node.ended ?? now);
  };
  const latest = (ids: readonly string[]): string | null =>
    ids.reduce<string | null>(
      (best, id) => (endOf(id) > (best === null ? -Infinity : endOf(best)) ? id : best),
      null
    );
  const nodes = new Set<string>();
  const edges = new Set<string>();
  let at = latest([...byId.keys()]);
  while (at !== null && !nodes.has(at)) {
    nodes.add(at);
    const from = latest(before.get(at) ?? []);
    if (from !== null) {
      edges.add(edgeKey({ from, to: at }));
    }
    at = from;
  }
  // One task alone is no path.
  return nodes.size > 1 ? { nodes, edges } : { nodes: new Set(), edges: new Set() };
}
