import { expect, test } from 'vitest';

import type { TaskState } from '../../api/pipelinetypes';
import { criticalPath } from '../critical';
import { differences } from '../difference';
import { readSpec } from '../ir';
import { namesOf } from '../naming';
import { planOf, sceneOf, specTaskAt } from '../scene';
import { english } from '../../shared/trans';
import { readTasks, type TaskTree } from '../tasks';
import { at, DIGITS, makeTask, ms } from './builders';

/** The parts of a compiled pipeline that a test changes. */
interface IEditable {
  components: Record<string, { dag: { tasks: Record<string, Record<string, unknown>> } }>;
  deploymentSpec: { executors: Record<string, { container: { image: string } }> };
}

const spec = readSpec(DIGITS)!;
const nothing = readTasks([]);
const BODY = 'exit-handler-1';

test('each graph of a compiled pipeline is a layer of its own', () => {
  expect(sceneOf(spec, nothing, '').nodes.map(({ title, kind }) => [title, kind])).toEqual([
    ['always tell', 'exit-handler'],
    ['tell', 'task']
  ]);
  expect(sceneOf(spec, nothing, BODY).nodes.map(({ title, kind }) => [title, kind])).toEqual([
    ['data', 'task'],
    ['evaluate', 'graph'],
    ['For each of [0.1, 0.01, 0.001]', 'loop'],
    ['load', 'task'],
    ['top', 'task']
  ]);
  expect(sceneOf(spec, nothing, `${BODY}/evaluate/condition-branches-1`).nodes).toMatchObject([
    { title: 'good', kind: 'condition', detail: 'best > 0.4', isGraph: true },
    { title: 'bad', kind: 'condition', detail: '!(best > 0.4)' }
  ]);
});

test('a pipeline that is not run has its shape, and no states', () => {
  const { nodes, edges } = planOf(spec, BODY);
  expect(new Set(nodes.map(({ state }) => state))).toEqual(new Set([null]));
  expect(edges).toEqual(sceneOf(spec, nothing, BODY).edges);
});

test('values that travel and a mere order are told apart, with what travels', () => {
  const edges = sceneOf(spec, nothing, BODY).edges;
  expect(edges).toContainEqual({
    from: `${BODY}/data`,
    to: `${BODY}/for-loop-3`,
    kind: 'data',
    travels: [{ name: 'out', type: 'Dataset' }]
  });
  expect(sceneOf(spec, nothing, '').edges).toEqual([
    { from: BODY, to: 'tell', kind: 'order', travels: [] }
  ]);
});

test('tasks are joined to the pipeline by name and path, repetitions folded and counted', () => {
  const loop = `${BODY}/for-loop-3`;
  const tree = readTasks([
    makeTask('', { state: 'RUNNING' }),
    makeTask(BODY, { type: 'EXIT_HANDLER', state: 'RUNNING' }),
    makeTask(`${BODY}/load`, { state: 'CACHED' }),
    makeTask(loop, { type: 'LOOP', state: 'RUNNING', type_attributes: { iteration_count: 3 } }),
    makeTask(`${loop}[1]`, { type: 'LOOP_ITERATION', state: 'FAILED' }),
    makeTask(`${loop}[0]`, { type: 'LOOP_ITERATION' }),
    makeTask(`${loop}[1]/train`, { state: 'FAILED' })
  ]);
  const byTitle = new Map(sceneOf(spec, tree, BODY).nodes.map(node => [node.title, node]));
  expect(byTitle.get('load')!.state).toBe('CACHED');
  expect(byTitle.get('For each of [0.1, 0.01, 0.001]')!.tally).toEqual({
    total: 3,
    done: 2,
    failed: 1
  });
  expect(byTitle.get('evaluate')).toMatchObject({
    state: 'PENDING',
    tally: { total: 2, done: 0 }
  });
  expect(tree.iterationsOf(loop).map(({ index }) => index)).toEqual([0, 1]);
  expect(sceneOf(spec, tree, `${loop}[1]`).nodes).toMatchObject([
    { id: `${loop}[1]/train`, state: 'FAILED' }
  ]);
  expect(specTaskAt(spec, `${loop}[1]/train`)!.name).toBe('train');
});

test('a task that is not known is pending while the run can still come to it, and then was not reached', () => {
  const loop = `${BODY}/for-loop-3`;
  const known = (state: TaskState): TaskTree =>
    readTasks([
      makeTask('', { state: 'RUNNING' }),
      makeTask(BODY, { type: 'EXIT_HANDLER', state: 'RUNNING' }),
      makeTask(loop, { type: 'LOOP', state })
    ]);
  expect(nothing.stateOf('tell')).toBe('PENDING');
  expect(known('PENDING').stateOf(`${loop}[0]/train`)).toBe('PENDING');
  expect(known('SKIPPED').stateOf(`${loop}[0]`)).toBe('');
  expect(known('SKIPPED').stateOf(`${loop}[0]/train`)).toBe('');
  expect(known('SKIPPED').stateOf(loop)).toBe('SKIPPED');
});

test('exit tasks are told from tasks that ignore failures', () => {
  const always = { triggerPolicy: { strategy: 'ALL_UPSTREAM_TASKS_COMPLETED' } };
  const has = (tasks: Record<string, unknown>): boolean =>
    readSpec({ root: { dag: { tasks } } })!.hasExitTasks;
  expect(spec.hasExitTasks).toBe(true);
  expect(has({ load: {}, tell: { ...always, dependentTasks: ['load'] } })).toBe(false);
  const body = { componentRef: { name: 'comp-exit-handler-1' } };
  expect(has({ body, tell: { ...always, dependentTasks: ['body'] } })).toBe(true);
  const status = { taskFinalStatus: { producerTask: 'load' } };
  expect(has({ load: {}, tell: { ...always, inputs: { parameters: { status } } } })).toBe(true);
});

test('tasks of a KFP server, which carry no paths, find theirs by what they are in', () => {
  const tree = readTasks([
    { task_id: '1', name: 'root', type: 'ROOT' },
    { task_id: '3', name: 'loop', type: 'LOOP', parent_task_id: '1' },
    {
      task_id: '4',
      name: 'loop',
      type: 'LOOP_ITERATION',
      parent_task_id: '3',
      type_attributes: { iteration_index: 2 }
    },
    { task_id: '5', name: 'train', parent_task_id: '4' }
  ]);
  expect([...tree.byPath.keys()]).toEqual(['', 'loop', 'loop[2]', 'loop[2]/train']);
});

test('without its pipeline a run still shows its tasks', () => {
  const tree = readTasks([makeTask(''), makeTask('train', { state: 'FAILED' })]);
  expect(sceneOf(null, tree, '')).toMatchObject({
    nodes: [{ id: 'train', state: 'FAILED' }],
    edges: []
  });
});

test('what was sent by anybody is read without harm', () => {
  expect(readSpec(null)).toBeNull();
  expect(readSpec({ root: { dag: 7 } })!.root.size).toBe(0);
  const strange = readSpec({
    root: {
      dag: { tasks: { a: { componentRef: { name: '__proto__' }, dependentTasks: [3, 'a'] } } }
    },
    components: []
  })!;
  expect(sceneOf(strange, nothing, '')).toMatchObject({ nodes: [{ title: 'a' }], edges: [] });
  const itself = readSpec({
    root: { dag: { tasks: { a: { componentRef: { name: 'x' } } } } },
    components: { x: { dag: { tasks: { a: { componentRef: { name: 'x' } } } } } }
  })!;
  expect(sceneOf(itself, nothing, 'a/a/a').nodes[0].id).toBe('a/a/a/a');
  expect(differences(itself, itself)).toEqual([]);
});

test('the critical path is what the end waited for', () => {
  const tree = readTasks([
    makeTask(`${BODY}/load`, { start_time: at(0), end_time: at(2) }),
    makeTask(`${BODY}/data`, { start_time: at(2), end_time: at(9) }),
    makeTask(`${BODY}/for-loop-3`, { start_time: at(9), state: 'RUNNING' })
  ]);
  const { nodes } = criticalPath(sceneOf(spec, tree, BODY), ms(12));
  expect([...nodes].map(path => path.slice(BODY.length + 1))).toEqual([
    'for-loop-3',
    'data',
    'load'
  ]);
  expect(criticalPath(sceneOf(spec, nothing, BODY), 0).nodes.size).toBe(0);
});

test('two versions of a pipeline are compared layer by layer', () => {
  const other = structuredClone(DIGITS) as unknown as IEditable;
  const body = other.components['comp-exit-handler-1'].dag.tasks;
  delete body.top;
  body.extra = { componentRef: { name: 'comp-good' } };
  other.components['comp-condition-branches-1'].dag.tasks['condition-2'].triggerPolicy = {
    condition: "inputs.parameter_values['pipelinechannel--best'] > 0.5"
  };
  other.deploymentSpec.executors['exec-load'].container.image = 'python:3.13';
  expect(differences(spec, readSpec(other)!)).toEqual([
    {
      path: `${BODY}/evaluate/condition-branches-1/condition-2`,
      place: 'always tell › evaluate › Branches › good',
      fate: 'changed',
      what: ['condition']
    },
    { path: `${BODY}/load`, place: 'always tell › load', fate: 'changed', what: ['image'] },
    { path: `${BODY}/top`, place: 'always tell › top', fate: 'removed', what: [] },
    { path: `${BODY}/extra`, place: 'always tell › extra', fate: 'added', what: [] }
  ]);
});

test('what its author has not named is called by what it does', () => {
  const value = (name: string): string => `inputs.parameter_values['pipelinechannel--${name}']`;
  const when = (condition: string): object => ({ triggerPolicy: { condition } });
  const first = `int(${value('n')}) > 5`;
  const second = `int(${value('fit-Output')}) == -1`;
  const given = {
    parameters: {
      'pipelinechannel--fit-Output': {
        taskOutputParameter: { producerTask: 'fit', outputParameterKey: 'Output' }
      },
      'pipelinechannel--split-parts': {
        taskOutputParameter: { producerTask: 'split', outputParameterKey: 'parts' }
      }
    }
  };
  const titles = (tasks: Record<string, unknown>): unknown =>
    Object.fromEntries([...namesOf(tasks, english)].map(([key, { title }]) => [key, title]));
  // As the compiler writes them: sorted by letters, each with all that was not taken before.
  expect(
    titles({
      'condition-10': { ...when(`!(${first}) && ${second}`), inputs: given },
      'condition-11': { ...when(`!(${first}) && !(${second})`), inputs: given },
      'condition-9': { ...when(first), taskInfo: { name: 'condition-9' } }
    })
  ).toEqual({
    'condition-9': 'If n > 5',
    'condition-10': 'Else if fit == -1',
    'condition-11': 'Else'
  });
  const items = (from: object): object => ({ parameterIterator: { items: from }, inputs: given });
  expect(
    titles({
      'for-loop-1': items({ inputParameter: 'pipelinechannel--split-parts' }),
      'for-loop-2': items({ raw: '[1, 2]' }),
      'for-loop-3': items({ raw: JSON.stringify(Array(40).fill(7)) }),
      'for-loop-4': { ...items({ raw: '[1]' }), taskInfo: { name: 'depths' } },
      'for-loop-5': items({ inputParameter: 'pipelinechannel--make-Output-loop-item-subvar-b' }),
      'exit-handler-1': {},
      'exit-handler-2': {},
      'condition-branches-5': {},
      tell: {
        dependentTasks: ['exit-handler-1'],
        triggerPolicy: { strategy: 'ALL_UPSTREAM_TASKS_COMPLETED' }
      }
    })
  ).toEqual({
    'for-loop-1': 'For each of split.parts',
    'for-loop-2': 'For each of [1, 2]',
    'for-loop-3': 'For each of 40 items',
    'for-loop-4': 'depths',
    'for-loop-5': 'For each of make item.b',
    'exit-handler-1': 'Exit handler: tell',
    'exit-handler-2': 'Exit handler',
    'condition-branches-5': 'Branches',
    tell: 'tell'
  });
});
