import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { makeChanges, makeCluster } from '../../__tests__/builders';
import { type Answer, Events, type ISeen, serveWith } from '../../__tests__/server';
import { ApiError } from '../../api/request';
import { TracksideModel } from '../../models/model';
import { VERSION } from '../../version';
import { mistakeOf } from '../bind';
import { type ILaunchOptions, LaunchModel } from '../model';

const trans = nullTranslator.load('trackside');
const disposables: { dispose(): void }[] = [];
const send = vi.fn<ILaunchOptions['send']>();

function open(plan: (request: ISeen) => Answer, cluster = makeCluster()) {
  const { settings, seen } = serveWith(request => {
    switch (request.path.replace('api/v1/', '')) {
      case 'info':
        return {
          body: { version: VERSION, runners: [{ name: 'local', label: 'this', gpus: [] }] }
        };
      case 'changes':
        return { body: makeChanges({ reset: true }) };
      case 'preview':
        return { body: { files: [], refused: [], params: [], notes: [] } };
      case 'cluster':
        return { body: cluster };
      default:
        return plan(request);
    }
  });
  const model = new TracksideModel({
    serverSettings: settings,
    events: new Events().manager,
    trans
  });
  const target = { kind: 'script', path: 'train.py' } as const;
  const launch = new LaunchModel({ model, target, form: {}, send });
  disposables.push(launch, model);
  const asked = () => seen.filter(({ path }) => path.endsWith('jobs/plan'));
  return { launch, asked };
}

const planned = (level: string): Answer => ({
  body: { on: 'cluster', manifests: [], yaml: 'kind: Job', findings: [{ level, message: 'So.' }] }
});

beforeEach(() => {
  send.mockReset().mockResolvedValue(undefined);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});

afterEach(() => {
  disposables.splice(0).forEach(item => item.dispose());
  vi.useRealTimers();
});

async function settle(): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    await vi.advanceTimersByTimeAsync(100);
  }
}

describe('the plan of a launch', () => {
  it('is made once for a burst of keys, and only for the cluster', async () => {
    const { launch, asked } = open(() => planned('note'));
    launch.setForm({ gpus: '1' });
    await settle();
    expect(asked()).toHaveLength(0);
    launch.setForm({ on: 'cluster' });
    launch.setForm({ gpus: '2' });
    launch.setForm({ gpus: '2', gpuType: 'A100' });
    await settle();
    expect(asked()).toHaveLength(1);
    expect(asked()[0].body).toMatchObject({ on: 'cluster', resources: { gpus: '2 x A100' } });
    expect(launch.plan.plan?.yaml).toBe('kind: Job');
    expect(launch.blockers).toEqual([]);
  });

  it('keeps the job from starting when it finds an error, and lets it go on this machine', async () => {
    const { launch } = open(() => planned('error'));
    launch.setForm({ on: 'cluster' });
    await settle();
    expect(launch.blockers.map(({ message }) => message)).toEqual(['So.']);
    expect(await launch.submit()).toBe(false);
    launch.setForm({ on: 'local' });
    expect(launch.blockers).toEqual([]);
    expect(await launch.submit()).toBe(true);
  });

  it('is not asked for while something in the form is wrong', async () => {
    const { launch, asked } = open(() => planned('error'));
    launch.setForm({ on: 'cluster' });
    await settle();
    launch.setForm({ nodes: 'two' });
    await settle();
    expect(asked()).toHaveLength(1);
    expect(launch.plan.plan).toBeNull();
  });

  it('does not keep a job from starting when there is none', async () => {
    const { launch } = open(() => ({ status: 500, text: '' }));
    launch.setForm({ on: 'cluster' });
    await settle();
    expect(launch.plan.problem).toContain('500');
    expect(await launch.submit()).toBe(true);
  });

  it('names what it is refused for as the form does', async () => {
    const { message, details } = TOO_LITTLE;
    const { launch } = open(() => ({ status: 400, body: { code: 'X', message, ...details } }));
    launch.setForm({ on: 'cluster', nodes: '2' });
    await settle();
    expect(launch.blockers[0].message).toContain('“Memory limit per node” has to be');
  });

  it('takes a refusal for an error', async () => {
    const body = { code: 'INVALID_INPUT', message: 'There is no cluster.', hint: 'Leave on out.' };
    const { launch } = open(() => ({ status: 400, body }));
    launch.setForm({ on: 'cluster' });
    await settle();
    expect(launch.blockers).toEqual([
      { level: 'error', message: 'There is no cluster.', hint: 'Leave on out.' }
    ]);
  });

  it('says where it runs as soon as there is a choice', async () => {
    const { launch } = open(() => planned('note'));
    await settle();
    await launch.submit();
    expect(send.mock.calls[0][0].on).toBe('local');
    const { launch: alone } = open(() => planned('note'), makeCluster({ state: 'none' }));
    await settle();
    expect(alone.cluster).toBeNull();
    await alone.submit();
    expect(send.mock.calls[1][0].on).toBe('');
  });
});

const TOO_LITTLE = new ApiError('refused', 'resources.memory has to be at least 4 MiB, not "1".', {
  reason: 'resources.memory',
  hint: 'Write 16Gi.'
});

it('says what the server refuses at its field, by the name of that, until something is changed', async () => {
  const { launch } = open(() => planned('note'));
  send.mockRejectedValueOnce(TOO_LITTLE);
  expect(await launch.submit()).toBe(false);
  expect(mistakeOf(launch, 'memory')).toBe(
    '“Memory limit” has to be at least 4 MiB, not "1". Write 16Gi.'
  );
  expect(launch.error).toBe('');
  launch.setForm({ memory: '1Gi' });
  expect(mistakeOf(launch, 'memory')).toBeUndefined();
  const secret = 'env.HOME is set by Trackside for each job.';
  send.mockRejectedValueOnce(new ApiError('refused', secret, { reason: 'job.env.HOME' }));
  await launch.submit();
  expect(mistakeOf(launch, 'env')).toBe('“HOME” is set by Trackside for each job.');
});

it('tells a refusal as a whole where its form was closed, and where it is about no field', async () => {
  const { launch } = open(() => planned('note'));
  send.mockRejectedValueOnce(new ApiError('refused', 'No such file.', { reason: 'bundle' }));
  await launch.submit();
  expect(launch.error).toBe('No such file.');
  send.mockRejectedValueOnce(TOO_LITTLE);
  const sent = launch.submit();
  launch.dispose();
  await sent;
  expect(launch.error).toContain('resources.memory has to be at least 4 MiB');
});

it('starts one job however often the same is sent, and another one where that is another', async () => {
  send.mockRejectedValue(new Error('The answer was lost.'));
  const { launch } = open(() => planned('note'));
  await launch.submit();
  await launch.submit();
  launch.when?.set({ when: 'cron', cron: '0 7 * * *' });
  await launch.submit();
  launch.setForm({ name: 'nightly' });
  await launch.submit();
  await launch.submit();
  const keys = send.mock.calls.map(([, , key]) => key);
  expect(keys.map(key => keys.indexOf(key))).toEqual([0, 0, 2, 3, 3]);
});
