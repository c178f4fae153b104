import type {
  IPipelineTask,
  ITaskArtifact,
  ITaskValues,
  TaskState,
  TaskType,
  Value
} from '../api/pipelinetypes';
import { idIn, type PipelinePlace } from '../api/pipelineplace';
import { webUrl } from '../api/raw';
import { isLive } from '../shared/states';
import { childPath, drawnAs, indexOf, iterationPath, scopeOf, scopesTo } from './paths';

/** A parameter with where it came from. */
export interface IParameter {
  key: string;
  value: Value;
  producer: string;
}

/** The artifacts of one input or output. */
export interface IArtifacts {
  key: string;
  artifacts: readonly ITaskArtifact[];
  producer: string;
}

/** Inputs or outputs. */
export interface IValues {
  parameters: readonly IParameter[];
  artifacts: readonly IArtifacts[];
}

/** One task, repetition or graph of a run. */
export interface ITask {
  id: string;
  path: string;
  name: string;
  title: string;
  type: TaskType;
  state: TaskState;
  /** Which repetition it is. */
  index: number | null;
  /** How many repetitions a loop has, as far as the server says. */
  iterations: number | null;
  created: number | null;
  started: number | null;
  ended: number | null;
  /** Why it is where it is. */
  message: string;
  reason: string;
  attempt: number;
  attempts: number;
  jobId: string;
  trackingRunId: string;
  cachedFrom: { runId: string; taskId: string } | null;
  /** What the pipeline sets up on a cluster and the code will not find on this machine. */
  unheeded: readonly string[];
  /** Its page on the KFP server, or nothing. */
  url: string;
  inputs: IValues;
  outputs: IValues;
}

/** The tasks of a run by path and by what they are in. */
export class TaskTree {
  constructor(tasks: Iterable<ITask>) {
    this.byPath = new Map([...tasks].map(task => [task.path, task]));
    for (const task of this.byPath.values()) {
      if (task.path) {
        const loop = drawnAs(task.path);
        const isRepetition = loop !== task.path;
        push(
          isRepetition ? this.repetitions : this.inside,
          isRepetition ? loop : scopeOf(task.path),
          task
        );
      }
    }
    this.repetitions.forEach(list => list.sort((one, other) => one.index! - other.index!));
  }

  readonly byPath: ReadonlyMap<string, ITask>;

  /** The run as a whole. */
  get root(): ITask | undefined {
    return this.byPath.get('');
  }

  /**
   * The state of a task. One that is not known waits as any other does while the run can still come to it, and has
   * none from then on.
   */
  stateOf(path: string): TaskState | '' {
    const task = this.byPath.get(path);
    if (task) {
      return task.state;
    }
    const around = [...scopesTo(path), path].flatMap(one => [drawnAs(one), one]);
    const known = around.reverse().find(one => this.byPath.has(one));
    const isAhead = known === undefined || isLive(this.byPath.get(known)!.state);
    return isAhead ? 'PENDING' : '';
  }

  /** Whether anything is told of what went into the tasks or came out of them. */
  get hasValues(): boolean {
    return [...this.byPath.values()].some(({ inputs, outputs }) =>
      [inputs, outputs].some(({ parameters, artifacts }) => parameters.length + artifacts.length)
    );
  }

  /** The tasks of a graph. */
  tasksIn(scope: string): readonly ITask[] {
    return this.inside.get(scope) ?? [];
  }

  /** The repetitions of a loop, in their order. */
  iterationsOf(loop: string): readonly ITask[] {
    return this.repetitions.get(loop) ?? [];
  }

  private readonly inside = new Map<string, ITask[]>();
  private readonly repetitions = new Map<string, ITask[]>();
}

/** The moment that a text of the server names. */
function timeOf(text: string | undefined): number | null {
  const time = text ? Date.parse(text) : NaN;
  return Number.isNaN(time) || time <= 0 ? null : time;
}

/** Read the tasks of a run; those of a KFP server carry no paths, which follow from what they are in. */
export function readTasks(
  tasks: readonly IPipelineTask[],
  place: PipelinePlace = 'here'
): TaskTree {
  const byId = new Map(tasks.map(task => [task.task_id, task]));
  const paths = new Map<string, string>();
  const pathOf = (task: IPipelineTask, seen: ReadonlySet<string>): string => {
    const known = paths.get(task.task_id) ?? task.trackside?.path;
    if (known !== undefined) {
      return known;
    }
    if (task.type === 'ROOT' || seen.has(task.task_id)) {
      return '';
    }
    const parent = byId.get(task.parent_task_id ?? '');
    const above = parent ? pathOf(parent, new Set(seen).add(task.task_id)) : '';
    const index = task.type_attributes?.iteration_index;
    const path =
      task.type === 'LOOP_ITERATION' && index !== undefined
        ? iterationPath(above, Number(index))
        : childPath(above, task.name);
    paths.set(task.task_id, path);
    return path;
  };
  return new TaskTree(tasks.map(task => toTask(task, pathOf(task, new Set()), place)));
}

function toTask(raw: IPipelineTask, path: string, place: PipelinePlace): ITask {
  const own = raw.trackside ?? {};
  const cached = own.cached_from;
  const iterations = raw.type_attributes?.iteration_count;
  return {
    id: raw.task_id,
    path,
    name: raw.name,
    title: raw.display_name || raw.name,
    type: raw.type ?? 'RUNTIME',
    state: raw.state ?? 'PENDING',
    index: raw.type_attributes?.iteration_index ?? indexOf(path),
    iterations: iterations === undefined ? null : Number(iterations),
    created: timeOf(raw.create_time),
    started: timeOf(raw.start_time),
    ended: timeOf(raw.end_time),
    message: raw.status_metadata?.message ?? '',
    reason: own.reason ?? '',
    attempt: own.attempt ?? 0,
    attempts: own.max_attempts ?? 1,
    // Jobs and runs in tracking of another server are not among those that are known here.
    jobId: (place === 'here' && own.job_id) || '',
    trackingRunId: (place === 'here' && own.mlflow_run_id) || '',
    cachedFrom: cached?.run_id
      ? { runId: idIn(place, cached.run_id), taskId: cached.task_id ?? '' }
      : null,
    unheeded: own.unheeded ?? [],
    url: webUrl(own.open_in_kfp),
    inputs: toValues(raw.inputs, place),
    outputs: toValues(raw.outputs, place)
  };
}

function toValues(raw: ITaskValues | undefined, place: PipelinePlace): IValues {
  return {
    parameters: (raw?.parameters ?? []).map(one => ({
      key: one.parameter_key,
      value: one.value,
      producer: one.producer?.task_name ?? ''
    })),
    artifacts: (raw?.artifacts ?? []).map(one => ({
      key: one.artifact_key,
      artifacts: (one.artifacts ?? []).map(({ artifact_id: id, ...rest }) => ({
        ...rest,
        artifact_id: id && idIn(place, id)
      })),
      producer: one.producer?.task_name ?? ''
    }))
  };
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) {
    list.push(value);
  } else {
    lists.set(key, [value]);
  }
}
