import type { ISpec, ISpecTask, SpecGraph } from './ir';
import { childPath } from './paths';
import { spelledOut } from './scene';

/** How a task of one version stands to the other version. */
export type Fate = 'same' | 'changed' | 'added' | 'removed';

/** One task that is not the same in two versions. */
export interface ITaskDifference {
  /** Its path, without repetitions. */
  path: string;
  /** The same as people are told it. */
  place: string;
  fate: Exclude<Fate, 'same'>;
  /** What is different: `image`, `condition`, `inputs`, `order`, `retries`, `kind`. */
  what: readonly string[];
}

/** Components are looked into no deeper, so that one that holds itself ends. */
const DEEPEST = 20;

/** What is different between two versions of a pipeline, layer by layer. */
export function differences(before: ISpec, after: ISpec): ITaskDifference[] {
  const found: ITaskDifference[] = [];
  const compare = (
    one: SpecGraph | null,
    other: SpecGraph | null,
    scope: string,
    depth: number
  ): void => {
    const names = new Set([...(one?.keys() ?? []), ...(other?.keys() ?? [])]);
    for (const name of names) {
      const old = one?.get(name);
      const now = other?.get(name);
      const path = childPath(scope, name);
      const place = spelledOut(now ? after : before, path);
      if (!old || !now) {
        found.push({ path, place, fate: old ? 'removed' : 'added', what: [] });
        continue;
      }
      const what = changesOf(old, now);
      if (what.length) {
        found.push({ path, place, fate: 'changed', what });
      }
      if (depth < DEEPEST) {
        compare(before.graphOf(old.component), after.graphOf(now.component), path, depth + 1);
      }
    }
  };
  compare(before.root, after.root, '', 0);
  return found;
}

function changesOf(old: ISpecTask, now: ISpecTask): string[] {
  const parts: [string, (task: ISpecTask) => unknown][] = [
    ['kind', task => task.kind],
    ['condition', task => task.condition],
    ['image', task => task.image],
    ['code', task => task.code],
    ['inputs', task => task.links.map(link => [link.from, link.output, link.input]).sort()],
    ['constants', task => task.constants],
    ['order', task => [...task.after].sort()],
    ['retries', task => [task.retries, task.parallelism, task.isAlways]]
  ];
  return parts
    .filter(([, read]) => JSON.stringify(read(old)) !== JSON.stringify(read(now)))
    .map(([name]) => name);
}
