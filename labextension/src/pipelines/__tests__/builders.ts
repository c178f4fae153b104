import type { IPipelineTask } from '../../api/pipelinetypes';
import digits from './digits.json';

/** A pipeline as the SDK compiled it: an exit handler around a chain, a loop and a nested pipeline with branches. */
export const DIGITS: Record<string, unknown> = digits;

/** A moment of the run of a test, in seconds from its start, as the server writes it. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 5, 12) + seconds * 1000).toISOString();
}

/** The same in milliseconds. */
export function ms(seconds: number): number {
  return Date.parse(at(seconds));
}

/** A task of a run with what a test does not care about filled in. */
export function makeTask(path: string, change: Partial<IPipelineTask> = {}): IPipelineTask {
  const name = path.split('/').pop()!;
  return {
    task_id: `id of ${path}`,
    name: name.replace(/\[\d+\]$/, ''),
    type: path ? 'RUNTIME' : 'ROOT',
    state: 'SUCCEEDED',
    ...change,
    trackside: { path, ...change.trackside }
  };
}
