import { list, type Raw, record, text } from '../api/raw';
import type { ITrans } from '../shared/trans';

/** What the compiler calls what its author has not named. */
const GENERATED = /^(?:condition|condition-branches|for-loop|exit-handler)-\d+$/;

/** What the compiler puts before the name of a value that a graph is given from around it. */
const CHANNEL = 'pipelinechannel--';

/** How long a list of items may be to be told itself. */
const SHORT = 24;

/** How a task is told to people. */
export interface IName {
  title: string;
  /** Its condition, or nothing. */
  condition: string;
  /** What of the condition the title does not say. */
  detail: string;
}

/**
 * How the tasks of one graph are called: as their authors did, or by what they do, where there is
 * only a number of the compiler's.
 */
export function namesOf(tasks: Raw, trans: ITrans): ReadonlyMap<string, IName> {
  const names = new Map<string, IName>();
  const before: string[] = [];
  for (const key of Object.keys(tasks).sort(byNumber)) {
    const task = record(tasks[key]);
    const given = text(record(task.taskInfo).name) || key;
    const raw = text(record(task.triggerPolicy).condition);
    const condition = raw && conditionText(raw, record(task.inputs));
    const isGenerated = GENERATED.test(key) && GENERATED.test(given);
    names.set(key, {
      title: isGenerated ? titleOf(key, task, tasks, condition, before, trans) : given,
      condition,
      detail: isGenerated ? '' : condition
    });
    if (condition) {
      before.push(ownPart(condition, before));
    }
  }
  return names;
}

/** A condition as people would write it: `best > 0.4`. */
export function conditionText(condition: string, inputs: Raw): string {
  return condition
    .replace(/inputs\.parameter_values\['([^']*)'\]/g, (_, input: string) =>
      sourceOf(input, inputs)
    )
    .replace(/\bint\(([\w.-]+)\)/g, '$1');
}

function titleOf(
  key: string,
  task: Raw,
  tasks: Raw,
  condition: string,
  before: readonly string[],
  trans: ITrans
): string {
  if ('parameterIterator' in task || 'artifactIterator' in task) {
    return loopTitle(task, trans);
  }
  if (key.startsWith('exit-handler-')) {
    const after = Object.entries(tasks).find(([, one]) => isExitOf(record(one), key));
    return after
      ? trans.__('Exit handler: %1', text(record(record(after[1]).taskInfo).name) || after[0])
      : trans.__('Exit handler');
  }
  if (key.startsWith('condition-branches-')) {
    return trans.__('Branches');
  }
  const own = ownPart(condition, before);
  if (own === condition) {
    return condition ? trans.__('If %1', condition) : trans.__('If');
  }
  return own ? trans.__('Else if %1', own) : trans.__('Else');
}

/** Of a branch's condition what is left without that no branch before it was taken. */
function ownPart(condition: string, before: readonly string[]): string {
  const others = before.map(one => `!(${one})`).join(' && ');
  if (!others || !condition.startsWith(others)) {
    return condition;
  }
  return condition.slice(others.length).replace(/^ && /, '');
}

function loopTitle(task: Raw, trans: ITrans): string {
  const inputs = record(task.inputs);
  const items = record(record(task.parameterIterator ?? task.artifactIterator).items);
  const input = text(items.inputParameter) || text(items.inputArtifact);
  if (input) {
    return trans.__('For each of %1', sourceOf(input, inputs));
  }
  const raw = text(items.raw);
  const count = lengthOf(raw);
  return raw.length <= SHORT || count === null
    ? trans.__('For each of %1', raw)
    : trans._n('For each of %1 item', 'For each of %1 items', count);
}

function lengthOf(raw: string): number | null {
  try {
    return list(JSON.parse(raw)).length;
  } catch {
    return null;
  }
}

function isExitOf(task: Raw, key: string): boolean {
  return (
    text(record(task.triggerPolicy).strategy) === 'ALL_UPSTREAM_TASKS_COMPLETED' &&
    list(task.dependentTasks).includes(key)
  );
}

/** Where an input comes from, as its author would call it: `split.parts`, or the name of an argument. */
function sourceOf(input: string, inputs: Raw): string {
  const parameter = record(record(inputs.parameters)[input]);
  const artifact = record(record(inputs.artifacts)[input]);
  const from = record(parameter.taskOutputParameter ?? artifact.taskOutputArtifact);
  const [task, output] = [
    text(from.producerTask),
    text(from.outputParameterKey) || text(from.outputArtifactKey)
  ];
  if (!task) {
    return plain(input);
  }
  if (output.startsWith(CHANNEL)) {
    return plain(output);
  }
  return output === 'Output' ? task : `${task}.${output}`;
}

/** What the compiler made of a name, taken back as far as can be. */
export function plain(name: string): string {
  if (!name.startsWith(CHANNEL)) {
    return name;
  }
  return name
    .slice(CHANNEL.length)
    .replace(/(^|-)loop-item(-param-\d+)?(?=-|$)/g, (_, dash: string) => (dash ? ' item' : 'item'))
    .replace(/-Output(?= |$)/g, '')
    .replace(/-subvar-/g, '.');
}

/** The compiler counts what it names, and its file is sorted by letters. */
function byNumber(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
