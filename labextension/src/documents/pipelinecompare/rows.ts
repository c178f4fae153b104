import type { IRunRecord } from '../../api/pipelinerecords';
import type { TaskTree } from '../../pipelines/tasks';

/** One of the compared runs with its tasks. */
export interface IComparedRun {
  run: IRunRecord;
  tree: TaskTree;
}

/** A row of values, one of each run. */
export interface IRow {
  key: string;
  values: readonly (string | number | null)[];
  differs: boolean;
}

/** What runs are compared by. */
export interface IRows {
  params: readonly IRow[];
  metrics: readonly IRow[];
  outputs: readonly IRow[];
  artifacts: readonly IRow[];
  tasks: readonly IRow[];
}

type Value = string | number | null;

/** How the compiler names what a loop or branch only gives on of a task in it. */
const PASSED_ON = 'pipelinechannel--';

/** What pipeline runs took and made, side by side. */
export function compareRuns(
  runs: readonly IComparedRun[],
  stateText: (state: string) => string,
  placeText: (path: string) => string
): IRows {
  const params: Map<string, Value>[] = [];
  const metrics: Map<string, Value>[] = [];
  const outputs: Map<string, Value>[] = [];
  const artifacts: Map<string, Value>[] = [];
  const tasks: Map<string, Value>[] = [];
  for (const { run, tree } of runs) {
    const found = { metrics: new Map(), outputs: new Map(), artifacts: new Map() };
    const states = new Map<string, Value>();
    for (const task of tree.byPath.values()) {
      if (!task.path) {
        continue;
      }
      const at = placeText(task.path);
      states.set(at, stateText(task.state));
      for (const { key, value } of task.outputs.parameters) {
        if (!key.startsWith(PASSED_ON)) {
          found.outputs.set(`${at} · ${key}`, plain(value));
        }
      }
      for (const { key, artifacts: made } of task.outputs.artifacts) {
        for (const artifact of made) {
          const name = made.length > 1 ? `${key}/${artifact.name ?? ''}` : key;
          const place = `${at} · ${name}`;
          found.artifacts.set(place, artifact.uri || artifact.type || null);
          for (const [metric, value] of Object.entries(artifact.metadata ?? {})) {
            if (typeof value === 'number') {
              found.metrics.set(`${place} · ${metric}`, value);
            }
          }
        }
      }
    }
    params.push(new Map(Object.entries(run.arguments).map(([key, value]) => [key, plain(value)])));
    metrics.push(found.metrics);
    outputs.push(found.outputs);
    artifacts.push(found.artifacts);
    tasks.push(states);
  }
  return {
    params: rowsOf(params),
    metrics: rowsOf(metrics),
    outputs: rowsOf(outputs),
    artifacts: rowsOf(artifacts).map(withoutCommonFolder),
    tasks: rowsOf(tasks)
  };
}

function rowsOf(columns: readonly ReadonlyMap<string, Value>[]): IRow[] {
  const keys = new Set(columns.flatMap(column => [...column.keys()]));
  return [...keys].map(key => {
    const values = columns.map(column => column.get(key) ?? null);
    return { key, values, differs: new Set(values).size > 1 };
  });
}

/** Addresses of one store begin alike: what tells them apart is what is seen of them. */
function withoutCommonFolder(row: IRow): IRow {
  const [first = '', ...others] = row.values.filter(value => typeof value === 'string');
  if (!row.differs || !others.length) {
    return row;
  }
  let length = 0;
  while (length < first.length && others.every(other => other[length] === first[length])) {
    length += 1;
  }
  const folder = first.slice(0, length).lastIndexOf('/') + 1;
  const values = row.values.map(value =>
    typeof value === 'string' && folder > 0 ? `…/${value.slice(folder)}` : value
  );
  return { ...row, values };
}

function plain(value: unknown): Value {
  return typeof value === 'string' || typeof value === 'number'
    ? value
    : value === undefined || value === null
      ? null
      : JSON.stringify(value);
}
