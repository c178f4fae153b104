import type { IGraph, IGraphEdge, IGraphNode, ITally, NodeKind } from '../shared/graph/types';
import { isLive } from '../shared/states';
import type { ISpec, ISpecTask, SpecGraph } from './ir';
import { childPath, stepsOf } from './paths';
import { type ITask, TaskTree } from './tasks';

const NO_TASKS = new TaskTree([]);

const KINDS: Partial<Record<ITask['type'], NodeKind>> = {
  IMPORTER: 'importer',
  DAG: 'graph',
  LOOP: 'loop',
  EXIT_HANDLER: 'exit-handler',
  CONDITION: 'condition',
  CONDITION_BRANCH: 'condition'
};

/** The layer of the compiled pipeline at a path, or nothing where there is none. */
export function layerAt(spec: ISpec, scope: string): SpecGraph | null {
  let graph: SpecGraph | null = spec.root;
  for (const { task } of stepsOf(scope)) {
    const found: ISpecTask | undefined = graph?.get(task);
    graph = found ? spec.graphOf(found.component) : null;
  }
  return graph;
}

/** The task of the compiled pipeline at a path. */
export function specTaskAt(spec: ISpec, path: string): ISpecTask | null {
  const steps = stepsOf(path);
  const last = steps.pop();
  let graph: SpecGraph | null = spec.root;
  for (const { task } of steps) {
    const found: ISpecTask | undefined = graph?.get(task);
    graph = found ? spec.graphOf(found.component) : null;
  }
  return (last && graph?.get(last.task)) ?? null;
}

/** Where a task is, as people are told it: the names from the outermost graph on. */
export function spelledOut(spec: ISpec | null, path: string): string {
  let graph: SpecGraph | null = spec?.root ?? null;
  return stepsOf(path)
    .map(({ task, index }) => {
      const found: ISpecTask | undefined = graph?.get(task);
      const alike = [...(graph?.values() ?? [])].filter(({ title }) => title === found?.title);
      graph = found ? spec!.graphOf(found.component) : null;
      const name = found && alike.length === 1 ? found.title : task;
      return index === null ? name : `${name} #${index}`;
    })
    .join(' › ');
}

/**
 * One layer of a run: its shape from the compiled pipeline, its states from the tasks, joined by
 * name. Without the pipeline the tasks that are known stand there without what leads from one to
 * another.
 */
export function sceneOf(spec: ISpec | null, tree: TaskTree, scope: string): IGraph {
  const layer = spec && layerAt(spec, scope);
  if (!layer) {
    const nodes = tree.tasksIn(scope).map(task => nodeOf(task.path, null, task, tree, null));
    return { nodes, edges: [] };
  }
  const nodes: IGraphNode[] = [];
  const edges: IGraphEdge[] = [];
  for (const task of layer.values()) {
    const path = childPath(scope, task.name);
    nodes.push(nodeOf(path, task, tree.byPath.get(path), tree, spec.graphOf(task.component)));
    for (const from of task.after) {
      if (layer.has(from)) {
        edges.push(edgeOf(scope, from, task));
      }
    }
  }
  return { nodes, edges };
}

/** One layer of a compiled pipeline that is not run: its shape alone. */
export function planOf(spec: ISpec, scope: string): IGraph {
  const { nodes, edges } = sceneOf(spec, NO_TASKS, scope);
  return { nodes: nodes.map(node => ({ ...node, state: null })), edges };
}

function edgeOf(scope: string, from: string, task: ISpecTask): IGraphEdge {
  const links = task.links.filter(link => link.from === from && link.what !== 'status');
  const seen = new Map(
    links.map(link => [`${link.what} ${link.output}`, { name: link.output, type: link.type }])
  );
  return {
    from: childPath(scope, from),
    to: childPath(scope, task.name),
    kind: links.length ? 'data' : 'order',
    travels: [...seen.values()]
  };
}

function nodeOf(
  path: string,
  spec: ISpecTask | null,
  task: ITask | undefined,
  tree: TaskTree,
  inside: SpecGraph | null
): IGraphNode {
  const kind = spec?.kind ?? KINDS[task!.type] ?? 'task';
  const hasTasks = kind === 'loop' ? tree.iterationsOf(path).length : tree.tasksIn(path).length;
  const isGraph = inside !== null || (spec === null && hasTasks > 0);
  return {
    id: path,
    name: spec?.name ?? task!.name,
    title: spec?.title ?? task!.title,
    kind,
    state: tree.stateOf(path),
    started: task?.started ?? null,
    ended: task?.ended ?? null,
    isGraph,
    tally: kind === 'loop' || isGraph ? tallyOf(path, kind, task, tree, inside) : null,
    detail: spec?.detail ?? ''
  };
}

function tallyOf(
  path: string,
  kind: NodeKind,
  task: ITask | undefined,
  tree: TaskTree,
  inside: SpecGraph | null
): ITally | null {
  const parts = kind === 'loop' ? tree.iterationsOf(path) : tree.tasksIn(path);
  const known = kind === 'loop' ? task?.iterations : inside?.size;
  const total = Math.max(known ?? 0, parts.length);
  // How often a loop runs shows only when it begins.
  return kind === 'loop' && !task
    ? null
    : {
        total,
        done: parts.filter(part => !isLive(part.state)).length,
        failed: parts.filter(part => part.state === 'FAILED').length
      };
}
