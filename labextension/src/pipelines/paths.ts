/** How nodes of a run are named: `""` is the whole, `loop[3]` a repetition, `loop[3]/train` a task in it. */

/** One step of a path. */
export interface IStep {
  task: string;
  /** Which repetition, or nothing where none is meant. */
  index: number | null;
}

/** The path of the task of that name in a graph. */
export function childPath(scope: string, name: string): string {
  return scope ? `${scope}/${name}` : name;
}

/** The path of a repetition of a loop. */
export function iterationPath(loop: string, index: number): string {
  return `${loop}[${index}]`;
}

/** The steps from the whole to a node. */
export function stepsOf(path: string): IStep[] {
  if (!path) {
    return [];
  }
  return path.split('/').map(part => {
    const match = /^(.*)\[(\d+)\]$/.exec(part);
    return match ? { task: match[1], index: Number(match[2]) } : { task: part, index: null };
  });
}

/** The graph in which a node is drawn. */
export function scopeOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at < 0 ? '' : path.slice(0, at);
}

/** The node that stands for a path in the graph above: a repetition is drawn folded in its loop. */
export function drawnAs(path: string): string {
  return path.replace(/\[\d+\]$/, '');
}

/** Which repetition a path names itself. */
export function indexOf(path: string): number | null {
  const match = /\[(\d+)\]$/.exec(path);
  return match ? Number(match[1]) : null;
}

/** The paths of the graphs around a node, the whole first; the node itself is not among them. */
export function scopesTo(path: string): string[] {
  const parts = path ? path.split('/') : [];
  return parts.map((_, at) => parts.slice(0, at).join('/'));
}
