/** What is drawn of a pipeline: boxes with states, and what leads from one to another. */

/** What stands behind a node. */
export type NodeKind =
  'task' | 'importer' | 'graph' | 'loop' | 'condition' | 'branches' | 'exit-handler';

/** How many of something there are, and how they stand. */
export interface ITally {
  total: number;
  done: number;
  failed: number;
}

/** One box of a graph. */
export interface IGraphNode {
  /** Names it within the run. */
  id: string;
  /** What the compiler calls it. */
  name: string;
  title: string;
  kind: NodeKind;
  /** The state; empty as long as the run has not come there, and `null` where there is no run. */
  state: string | null;
  started: number | null;
  ended: number | null;
  /** Whether it can be entered. */
  isGraph: boolean;
  /** Of a loop, its iterations; of a graph, the tasks in it. */
  tally: ITally | null;
  /** What more there is to say: a condition, an attempt. */
  detail: string;
}

/** Something that travels along an edge. */
export interface ITravels {
  name: string;
  /** The type of an artifact, such as `Dataset`; nothing for a parameter. */
  type: string;
}

/** What leads from one box to another: values, or only an order. */
export interface IGraphEdge {
  from: string;
  to: string;
  kind: 'data' | 'order';
  travels: readonly ITravels[];
}

/** A graph to be laid out. */
export interface IGraph {
  nodes: readonly IGraphNode[];
  edges: readonly IGraphEdge[];
}

/** Which way a graph runs. */
export type Flow = 'down' | 'right';

/** A place in a drawing. */
export interface IPoint {
  x: number;
  y: number;
}

/** A graph with its places: of each node its corner at the top left, of each edge its bends. */
export interface ILayout {
  flow: Flow;
  width: number;
  height: number;
  places: ReadonlyMap<string, IPoint>;
  /** In the order of the edges. */
  routes: readonly (readonly IPoint[])[];
}

/** The size of a node. */
export const NODE = { width: 190, height: 46 } as const;
