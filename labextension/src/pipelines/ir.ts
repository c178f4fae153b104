import { list, type Raw, record, text } from '../api/raw';
import type { NodeKind } from '../shared/graph/types';
import { english, type ITrans } from '../shared/trans';
import { type IName, namesOf } from './naming';

/** What the SDK starts for a Python component. */
const EXECUTOR = 'kfp.dsl.executor_main';

/** The mark of a task that runs however those before it ended. */
const ALWAYS = 'ALL_UPSTREAM_TASKS_COMPLETED';

/** How the compiler calls what an exit task waits for. */
const GUARDED = 'comp-exit-handler-';

/** A link from an output of a task to an input of another one. */
export interface ISpecLink {
  from: string;
  output: string;
  input: string;
  what: 'parameter' | 'artifact' | 'status';
  /** The type of the artifact, such as `Dataset`. */
  type: string;
}

/** One task of a graph of the compiled pipeline. */
export interface ISpecTask extends IName {
  name: string;
  kind: NodeKind;
  component: string;
  /** Tasks that it waits for, whatever it takes of them. */
  after: readonly string[];
  links: readonly ISpecLink[];
  /** Whether it runs however what is before it ended. */
  isAlways: boolean;
  parallelism: number;
  retries: number;
  /** The image of its container. */
  image: string;
  /** Whether it is a Python component of the SDK: on this machine it runs without its image. */
  isPython: boolean;
  /** What runs in it, as one text. */
  code: string;
  /** Values that the pipeline itself gives it, as one text. */
  constants: string;
}

/** The tasks of one layer, by name. */
export type SpecGraph = ReadonlyMap<string, ISpecTask>;

/** A compiled pipeline as far as it is drawn. Layers are read when they are looked at. */
export interface ISpec {
  name: string;
  description: string;
  root: SpecGraph;
  /** The layer of a component, or nothing when it is a leaf. */
  graphOf(component: string): SpecGraph | null;
  /** Whether anything is left to be done when it is stopped. */
  hasExitTasks: boolean;
  /** What the pipeline itself takes: the types of its parameters. */
  inputs: ReadonlyMap<string, string>;
}

function count(value: unknown): number {
  const number = Number(value);
  return Number.isFinite(number) && number > 0 ? number : 0;
}

/** The first document of a run: the compiled pipeline, also where the settings of Kubernetes are beside it. */
export function documentOf(spec: unknown): Raw {
  const raw = record(spec);
  return 'pipeline_spec' in raw ? record(raw.pipeline_spec) : raw;
}

/** Read a compiled pipeline. It was sent by anybody, so nothing is taken for granted. */
export function readSpec(spec: unknown, trans: ITrans = english): ISpec | null {
  const raw = documentOf(spec);
  const root = record(raw.root);
  if (!('dag' in root)) {
    return null;
  }
  const components = record(raw.components);
  const executors = record(record(raw.deploymentSpec).executors);
  const known = new Map<string, SpecGraph | null>();
  const component = (name: string): Raw =>
    Object.hasOwn(components, name) ? record(components[name]) : {};
  const read = (dag: Raw): SpecGraph => {
    const graph = new Map<string, ISpecTask>();
    const tasks = record(dag.tasks);
    const names = namesOf(tasks, trans);
    const makerOf = (name: string): Raw =>
      component(text(record(record(tasks[name]).componentRef).name));
    for (const [name, value] of Object.entries(tasks)) {
      graph.set(
        name,
        readTask(name, names.get(name)!, record(value), component, executors, makerOf)
      );
    }
    return graph;
  };
  const info = record(raw.pipelineInfo);
  const dags = [root, ...Object.values(components).map(record)].map(one => record(one.dag));
  return {
    name: text(info.displayName) || text(info.name),
    description: text(info.description),
    root: read(record(root.dag)),
    graphOf: name => {
      if (!known.has(name)) {
        const found = component(name);
        known.set(name, 'dag' in found ? read(record(found.dag)) : null);
      }
      return known.get(name) ?? null;
    },
    hasExitTasks: dags.some(({ tasks }) =>
      Object.values(record(tasks)).some(task => isExit(record(task), record(tasks)))
    ),
    inputs: new Map(
      Object.entries(record(record(root.inputDefinitions).parameters)).map(([name, definition]) => [
        name,
        text(record(definition).parameterType)
      ])
    )
  };
}

function readTask(
  name: string,
  told: IName,
  raw: Raw,
  componentOf: (name: string) => Raw,
  executors: Raw,
  makerOf: (task: string) => Raw
): ISpecTask {
  const componentName = text(record(raw.componentRef).name);
  const component = componentOf(componentName);
  const label = text(component.executorLabel);
  const executor = Object.hasOwn(executors, label) ? record(executors[label]) : {};
  const container = record(executor.container);
  const trigger = record(raw.triggerPolicy);
  const links = readLinks(record(raw.inputs), makerOf);
  const after = list(raw.dependentTasks).map(text);
  const names = [...after, ...links.map(link => link.from)].filter(one => one && one !== name);
  return {
    ...told,
    name,
    kind: kindOf(name, raw, component, executor, told.condition),
    component: componentName,
    after: [...new Set(names)],
    links,
    isAlways: text(trigger.strategy) === ALWAYS,
    parallelism: count(record(raw.iteratorPolicy).parallelismLimit),
    retries: count(record(raw.retryPolicy).maxRetryCount),
    image: text(container.image),
    isPython: list(container.command).some(word => text(word).includes(EXECUTOR)),
    code: JSON.stringify([container.command ?? [], container.args ?? [], container.env ?? []]),
    constants: JSON.stringify([
      raw.parameterIterator ?? raw.artifactIterator ?? null,
      Object.entries(record(record(raw.inputs).parameters))
        .map(([input, value]) => [input, record(value).runtimeValue ?? null])
        .filter(([, value]) => value !== null)
    ])
  };
}

/** Tell an exit task from one that ignores what failed before it; both bear the same mark. */
function isExit(task: Raw, tasks: Raw): boolean {
  const inputs = Object.values(record(record(task.inputs).parameters));
  const guarded = list(task.dependentTasks).map(name =>
    record(record(tasks[text(name)]).componentRef)
  );
  return (
    text(record(task.triggerPolicy).strategy) === ALWAYS &&
    (inputs.some(input => 'taskFinalStatus' in record(input)) ||
      guarded.some(({ name }) => text(name).startsWith(GUARDED)))
  );
}

function kindOf(
  name: string,
  raw: Raw,
  component: Raw,
  executor: Raw,
  condition: string
): NodeKind {
  if ('parameterIterator' in raw || 'artifactIterator' in raw) {
    return 'loop';
  }
  if (!('dag' in component)) {
    return 'importer' in executor ? 'importer' : 'task';
  }
  // The compiler gives these names; a pipeline of the author's is named after its function.
  if (/^condition-branches-\d+$/.test(name)) {
    return 'branches';
  }
  if (/^exit-handler-\d+$/.test(name)) {
    return 'exit-handler';
  }
  return condition ? 'condition' : 'graph';
}

function readLinks(inputs: Raw, makerOf: (task: string) => Raw): ISpecLink[] {
  const links: ISpecLink[] = [];
  for (const [input, value] of Object.entries(record(inputs.parameters))) {
    const from = record(record(value).taskOutputParameter);
    const status = record(record(value).taskFinalStatus);
    const [producer, what] = from.producerTask
      ? [text(from.producerTask), 'parameter' as const]
      : [text(status.producerTask), 'status' as const];
    if (producer) {
      links.push({ from: producer, output: text(from.outputParameterKey), input, what, type: '' });
    }
  }
  for (const [input, value] of Object.entries(record(inputs.artifacts))) {
    const from = record(record(value).taskOutputArtifact);
    const producer = text(from.producerTask);
    const output = text(from.outputArtifactKey);
    if (producer) {
      const made = record(record(makerOf(producer).outputDefinitions).artifacts);
      const title = text(record(record(made[output]).artifactType).schemaTitle);
      links.push({ from: producer, output, input, what: 'artifact', type: plainType(title) });
    }
  }
  return links;
}

/** `Dataset` of `system.Dataset`. */
export function plainType(title: string): string {
  return title.replace(/^(system|google)\./, '') || 'Artifact';
}
