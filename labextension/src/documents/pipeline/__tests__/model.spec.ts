import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { afterEach, expect, test, vi } from 'vitest';

import { toRun } from '../../../api/pipelinereading';
import type { IRunRecord } from '../../../api/pipelinerecords';
import type { IPipelineTask } from '../../../api/pipelinetypes';
import { ApiError } from '../../../api/request';
import { at, DIGITS, makeTask, ms } from '../../../pipelines/__tests__/builders';
import { tookTitle } from '../../../pipelines/words';
import { english } from '../../../shared/trans';
import type { IModelChange, ITracksideModel } from '../../../tokens';
import { guessKind } from '../guess';
import { PipelineRunModel } from '../model';

const BODY = 'exit-handler-1';
const LOOP = `${BODY}/for-loop-3`;
const TASKS = [
  makeTask('', { state: 'RUNNING' }),
  makeTask(BODY, { type: 'EXIT_HANDLER', state: 'RUNNING' }),
  makeTask(LOOP, { type: 'LOOP', state: 'RUNNING' }),
  ...[0, 1, 2].flatMap(index => [
    makeTask(`${LOOP}[${index}]`, {
      type: 'LOOP_ITERATION',
      state: index === 1 ? 'FAILED' : 'RUNNING',
      type_attributes: { iteration_index: index }
    }),
    makeTask(`${LOOP}[${index}]/train`)
  ])
];

let document: PipelineRunModel;

afterEach(() => document.dispose());

function open(
  task?: string,
  taskId?: string
): {
  tasks: ReturnType<typeof vi.fn>;
  run: ReturnType<typeof vi.fn>;
  tell: (runId: string) => void;
} {
  const tasks = vi.fn<() => Promise<IPipelineTask[]>>().mockResolvedValue(TASKS);
  const run = vi.fn<() => Promise<unknown>>().mockResolvedValue({
    run_id: 'r1',
    name: 'digits 1',
    state: 'RUNNING',
    spec: { pipeline: DIGITS }
  });
  const tracks = {
    trans: english,
    connection: { state: 'ok', sentence: '' },
    pipelineRunsApi: { tasks },
    pipelinesApi: { run, specOf: async ({ spec }: IRunRecord) => spec }
  } as unknown as ITracksideModel;
  const changed = new Signal<ITracksideModel, IModelChange>(tracks);
  Object.assign(tracks, { changed, connectionChanged: new Signal(tracks) });
  document = new PipelineRunModel(tracks, { run_id: 'r1', task, task_id: taskId });
  const tell = (runId: string): void =>
    changed.emit({
      pipelineRuns: [{ run_id: runId, revision: 2 }],
      deleted: [],
      reset: false
    } as unknown as IModelChange);
  return { tasks, run, tell };
}

test('one looks into graphs, of a loop into the iteration that failed, and comes back out', async () => {
  open();
  await expect.poll(() => document.run?.name).toBe('digits 1');
  expect(document.enter('tell')).toBe(false);
  expect(document.enter(BODY)).toBe(true);
  expect(document.enter(LOOP)).toBe(true);
  expect(document.scope).toBe(`${LOOP}[1]`);
  document.choose(`${LOOP}[1]/train`);
  document.chooseIteration(LOOP, 2);
  expect([document.scope, document.chosen]).toEqual([`${LOOP}[2]`, `${LOOP}[2]/train`]);
  document.leave();
  expect([document.scope, document.chosen]).toEqual([BODY, LOOP]);
  document.chooseIteration(LOOP, 0);
  expect([document.scope, document.subject]).toEqual([BODY, `${LOOP}[0]`]);
  document.leave('');
  expect([document.scope, document.chosen]).toEqual(['', BODY]);
});

test('the duration of a run that was retried counts from its first start on, as in the list of runs', async () => {
  const { tasks, run } = open();
  const asked = toRun({
    run_id: 'r1',
    created_at: at(0),
    state: 'SUCCEEDED',
    state_history: [
      { update_time: at(1), state: 'RUNNING' },
      { update_time: at(5), state: 'FAILED' },
      { update_time: at(80), state: 'RUNNING' },
      { update_time: at(81), state: 'SUCCEEDED' }
    ],
    finished_at: at(81)
  });
  run.mockResolvedValue(asked);
  tasks.mockResolvedValue([
    makeTask('', { state: 'SUCCEEDED', start_time: at(80), end_time: at(81) })
  ]);
  await document.refresh();
  expect([document.started, document.ended]).toEqual([ms(1), ms(81)]);
  expect([asked.started_at, asked.retried]).toEqual([ms(1), true]);
  expect(tookTitle(ms(1), ms(81), asked.retried, nullTranslator.load('trackside'))).toBe(
    '1:20, from its first start on: it was retried'
  );
});

test('a document opens at the task that was asked for', async () => {
  open(`${LOOP}[1]/train`);
  await expect.poll(() => document.run).not.toBeNull();
  expect(document.scope).toBe(`${LOOP}[1]`);
  expect(document.openArgs.task).toBe(`${LOOP}[1]/train`);
});

test('however often the server tells of a run, its tasks are asked for once a second at most', async () => {
  const { tasks, tell } = open();
  await expect.poll(() => document.run).not.toBeNull();
  vi.useFakeTimers();
  for (let times = 0; times < 20; times += 1) {
    tell('r1');
    tell('another');
  }
  await vi.advanceTimersByTimeAsync(1000);
  expect(tasks).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
});

test('a run that is gone says so', async () => {
  const { tasks } = open();
  tasks.mockRejectedValue(new ApiError('refused', 'No such run.', { status: 404 }));
  await document.refresh();
  expect(document.problem).toBe(
    'There is no such run on the server: it was deleted, or never there.'
  );
});

test.each([
  ['Markdown', 'file:///x/words', '# hi', 'markdown'],
  ['HTML', 'file:///x/page', '<p>', 'html'],
  ['Dataset', 'file:///x/out', 'a,b\n1,2\n', 'table'],
  ['Artifact', 'file:///x/out', '{"a": 1}', 'json'],
  ['Artifact', 'file:///x/out', 'a, sentence\nand another line\n', 'text'],
  ['Artifact', 'file:///x/out', '\u0089PNG', 'image'],
  ['Model', 'file:///x/model', '\u0080\u0000\u0001', 'none']
])('a %s at %s that begins with %j is shown as %s', (type, uri, begin, kind) => {
  open();
  const bytes = Uint8Array.from(begin, char => char.charCodeAt(0));
  expect(guessKind(type, uri, bytes, true).kind).toBe(kind);
});

test('a task whose id alone is known is shown as soon as it is found', async () => {
  const wanted = TASKS.find(({ trackside }) => trackside?.path === `${LOOP}[1]/train`)!;
  open(undefined, wanted.task_id);
  await vi.waitFor(() => expect(document.chosen).toBe(`${LOOP}[1]/train`));
  expect(document.scope).toBe(`${LOOP}[1]`);
  document.find(TASKS[1].task_id);
  expect([document.scope, document.chosen]).toEqual(['', BODY]);
});
