import { expect, test } from 'vitest';

import { EMPTY_FORM, type ILaunchForm, mergeParams, toRequest, toWanted } from '../form';
import { changedRequest, fromRequest, placeOf } from '../refill';

test('what was filled in for a job is filled in again, whatever it was', () => {
  const form: ILaunchForm = {
    ...EMPTY_FORM,
    path: 'work/train.py',
    params: [
      { name: 'lr', value: '0.1', initial: null },
      { name: 'text', value: '"7"', initial: null }
    ],
    cpus: '2',
    memory: '4Gi',
    gpus: '2',
    gpuType: 'A100-80GB',
    nodes: '3',
    on: 'cluster',
    image: 'registry/image:1',
    queue: 'team-a',
    runtime: 'torch',
    install: true,
    experiment: 'nightly',
    timeLimit: '2h',
    retries: '1',
    env: 'A=1\nB=x=y',
    files: 'data.csv\nmore.csv'
  };
  const target = { kind: 'script', path: form.path } as const;
  const request = JSON.parse(JSON.stringify(toRequest(form, target, 'key')));
  // The name is that of what recurs.
  expect({ ...EMPTY_FORM, ...fromRequest(request) }).toEqual({ ...form, name: '' });
});

test('what was left open is open again', () => {
  const target = { kind: 'notebook', path: 'a.ipynb' } as const;
  const form = { ...EMPTY_FORM, path: 'a.ipynb', on: 'local' };
  const request = JSON.parse(JSON.stringify(toRequest(form, target, 'key')));
  expect({ ...EMPTY_FORM, ...fromRequest(request) }).toEqual(form);
});

test('what the form does not ask for stays as it was, and what was emptied is gone', () => {
  const unasked = {
    arguments: ['--fast'],
    metric_pattern: 'loss (.*)',
    tags: { team: 'a' },
    python: '/envs/gpu/bin/python',
    source: { python: '/envs/kernel/bin/python' }
  };
  const job = {
    ...unasked,
    kind: 'script',
    path: 'train.py',
    on: 'cluster',
    image: 'registry/image:1',
    time_limit: '2h'
  } as const;
  const form = { ...EMPTY_FORM, ...fromRequest(job), on: 'local', timeLimit: '' };
  const wanted = toWanted(form, { kind: 'script', path: 'train.py' });
  const sent = JSON.parse(JSON.stringify(changedRequest(job, wanted)));
  expect(sent).toMatchObject({ ...unasked, path: 'train.py', on: 'local' });
  expect([sent.image, sent.time_limit]).toEqual([undefined, undefined]);
});

test('nothing, an empty text and what is left out are told apart when a job is changed', () => {
  const params = { seed: null, prefix: '', text: 'None', lr: 0.1 };
  const rows = fromRequest({ params }).params!;
  const declared = ['seed', 'prefix', 'text', 'lr', 'more'].map(name => ({
    name,
    default: 'x',
    help: null
  }));
  const form = { ...EMPTY_FORM, path: 'a.ipynb', params: mergeParams(declared, rows) };
  const wanted = toWanted(form, { kind: 'notebook', path: 'a.ipynb' });
  expect(wanted.params).toEqual({ ...params, more: 'x' });
});

test('a job of another file runs with the same Python, and its run says where it is from', () => {
  const source = { python: '/envs/gpu/bin/python', path: 'old.ipynb', notebook: 'old.ipynb' };
  const job = { kind: 'notebook', path: 'old.ipynb', source } as const;
  const change = (path: string, kind: 'notebook' | 'script') =>
    JSON.parse(
      JSON.stringify(changedRequest(job, toWanted({ ...EMPTY_FORM, path }, { kind, path })))
    );
  expect(change('new.py', 'script')).toMatchObject({ kind: 'script', path: 'new.py' });
  expect(change('new.py', 'script').source).toEqual({ python: source.python, path: 'new.py' });
  expect(change('old.ipynb', 'notebook').source).toEqual(source);
});

test.each([
  // Its jobs would run here if nobody kept it: the cluster is away.
  [{ on: undefined, runner: 'local', cronjob: 'nightly' }, 'cluster'],
  [{ on: undefined, runner: 'cluster', cronjob: '' }, 'cluster'],
  [{ on: undefined, runner: 'local', cronjob: '' }, ''],
  [{ on: 'local', runner: 'local', cronjob: '' }, 'local']
] as const)('what recurs is edited where it runs: %o', ({ on, runner, cronjob }, place) => {
  const job = { kind: 'script', path: 'train.py', on, idempotency_key: '' } as const;
  expect(placeOf({ job, runner, cronjob })).toBe(place);
});
