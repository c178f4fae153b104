import { isLive } from '../shared/states';
import { increments } from '../shared/chart/ticks';
import type { ITask, TaskTree } from './tasks';

/** A loop with more repetitions is folded until somebody unfolds it. */
const MANY = 10;

/** About how many labels the time axis has. */
const LABELS = 6;

/** One line of the chart. */
export interface IBarRow {
  task: ITask;
  depth: number;
  /** Whether there are lines within it, and whether they are shown. */
  isParent: boolean;
  isOpen: boolean;
}

/** The lines of a run: what is in a graph stands below it, in the order of the start; what waits comes last. */
export function barRows(tree: TaskTree, toggled: ReadonlySet<string>): IBarRow[] {
  const rows: IBarRow[] = [];
  const add = (tasks: readonly ITask[], depth: number): void => {
    for (const task of [...tasks].sort(byStart)) {
      const repetitions = tree.iterationsOf(task.path);
      const inside = [...repetitions, ...tree.tasksIn(task.path)];
      const isOpen = repetitions.length > MANY === toggled.has(task.path);
      rows.push({ task, depth, isParent: inside.length > 0, isOpen });
      if (isOpen) {
        add(inside, depth + 1);
      }
    }
  };
  add(tree.tasksIn(''), 0);
  return rows;
}

function byStart(one: ITask, other: ITask): number {
  const when = ({ started, ended }: ITask): number => started ?? ended ?? Infinity;
  const [first, second] = [when(one), when(other)];
  return (
    (first === second ? 0 : first - second) ||
    (one.index ?? 0) - (other.index ?? 0) ||
    one.path.localeCompare(other.path)
  );
}

/** From when to when a chart goes, in milliseconds. */
export interface ISpan {
  from: number;
  to: number;
}

/** From the first start to the last end, or to now while anything goes on. */
export function spanOf(tree: TaskTree, now: number): ISpan | null {
  let [from, to] = [Infinity, -Infinity];
  for (const task of tree.byPath.values()) {
    const { started, ended, state } = task;
    if (started !== null) {
      from = Math.min(from, started);
      to = Math.max(to, ended ?? (isLive(state) ? now : started));
    }
  }
  return from === Infinity ? null : { from, to: Math.max(to, from + 1000) };
}

/** Where a bar stands in a span, as parts of it; nothing for what has not begun. */
export function barOf(task: ITask, { from, to }: ISpan, now: number): [number, number] | null {
  if (task.started === null) {
    return null;
  }
  const end = task.ended ?? (isLive(task.state) ? now : task.started);
  const place = (time: number): number => Math.min(1, Math.max(0, (time - from) / (to - from)));
  return [place(task.started), place(end)];
}

/** The seconds since the start at which the time axis has labels. */
export function ticksOf({ from, to }: ISpan): number[] {
  const seconds = (to - from) / 1000;
  const step =
    increments('relative')!.find(one => one * LABELS >= seconds) ?? Math.ceil(seconds / LABELS);
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, at) => at * step);
}
