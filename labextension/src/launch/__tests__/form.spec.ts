import { describe, expect, it } from 'vitest';

import type { IRunner } from '../../api/types';
import {
  EMPTY_FORM,
  findMistakes,
  type ILaunchForm,
  type ITarget,
  mergeParams,
  toRemember,
  toRequest
} from '../form';

const script: ITarget = { kind: 'script', path: 'train.py' };
const notebook: ITarget = { kind: 'notebook', path: 'digits.ipynb' };
const runner = { gpus: [{ index: 0 }] } as IRunner;

const filled = (change: Partial<ILaunchForm>): ILaunchForm => ({
  ...EMPTY_FORM,
  path: 'train.py',
  ...change
});

describe('the form', () => {
  it('is right when only the file is named', () => {
    expect(findMistakes(filled({}), script, runner).size).toBe(0);
  });

  it.each([
    [{ path: '' }, 'path', 'empty'],
    [{ path: 'readme.md' }, 'path', 'kind'],
    [{ cpus: '0' }, 'cpus', 'number'],
    [{ memory: 'lots' }, 'memory', 'size'],
    [{ gpus: '1.5' }, 'gpus', 'whole'],
    [{ gpus: '2' }, 'gpus', 'gpus'],
    [{ timeLimit: 'soon' }, 'timeLimit', 'duration'],
    [{ retries: '-1' }, 'retries', 'whole'],
    [{ env: 'NAME' }, 'env', 'env'],
    [{ params: [{ name: '1x', value: '1', initial: null }] }, 'params', 'name']
  ] as const)('finds what is wrong in %j', (change, field, mistake) => {
    expect([...findMistakes(filled(change as never), script, runner)]).toEqual([[field, mistake]]);
  });

  it('takes the params that the file declares, and keeps what was changed or added', () => {
    const declared = [
      { name: 'lr', default: 0.01 },
      { name: 'epochs', default: 5 }
    ];
    const rows = mergeParams(declared, [
      { name: 'lr', value: '0.5', initial: '0.1' },
      { name: 'epochs', value: '3', initial: '3' },
      { name: 'gone', value: '1', initial: '2' },
      { name: 'mine', value: 'x', initial: null }
    ]);
    expect(rows.map(({ name, value }) => [name, value])).toEqual([
      ['lr', '0.5'],
      ['epochs', '5'],
      ['mine', 'x']
    ]);
  });

  it('sends a script only what was changed, so that its own defaults hold', () => {
    const params = [
      { name: 'lr', value: '0.5', initial: '0.1' },
      { name: 'epochs', value: '5', initial: '5' }
    ];
    expect(toRequest(filled({ params }), script, 'key').params).toEqual({ lr: 0.5 });
    expect(toRequest(filled({ params, path: 'digits.ipynb' }), notebook, 'key').params).toEqual({
      lr: 0.5,
      epochs: 5
    });
  });

  it('leaves the default to a param that was emptied, and sends an empty text that is quoted', () => {
    const params = [
      { name: 'rows', value: '', initial: '10' },
      { name: 'title', value: '""', initial: 'Report' },
      { name: 'mine', value: ' ', initial: null }
    ];
    expect(toRequest(filled({ params, path: 'report.ipynb' }), notebook, 'key').params).toEqual({
      title: ''
    });
  });

  it('becomes a request in which what is empty is left out', () => {
    const request = toRequest(
      filled({ memory: ' 16Gi ', gpus: '1', env: 'A=b=c\n', files: 'data.csv\n\n' }),
      script,
      'key'
    );
    expect(JSON.parse(JSON.stringify(request))).toEqual({
      idempotency_key: 'key',
      kind: 'script',
      path: 'train.py',
      params: {},
      resources: { memory: '16Gi', gpus: 1 },
      env: { A: 'b=c' },
      files: ['data.csv'],
      source: { path: 'train.py' }
    });
  });

  it('asks the cluster for more than this machine has, and of a type', () => {
    const form = filled({ on: 'cluster', gpus: '4', gpuType: 'A100-80GB', nodes: '2' });
    expect(findMistakes(form, script, runner).size).toBe(0);
    const request = toRequest({ ...form, queue: 'team-a', install: true }, script, 'key');
    expect(request).toMatchObject({
      on: 'cluster',
      queue: 'team-a',
      install: true,
      resources: { gpus: '4 x A100-80GB', nodes: 2 }
    });
    expect(request.image).toBeUndefined();
    expect([...findMistakes(filled({ on: 'cluster', nodes: '0' }), script, runner)]).toEqual([
      ['nodes', 'count']
    ]);
  });

  it('asks this machine for nothing that only the cluster knows', () => {
    const form = filled({ on: 'local', gpus: '1', gpuType: 'A100', nodes: '2', image: 'a/b' });
    const request = JSON.parse(JSON.stringify(toRequest(form, script, 'key')));
    expect(request.resources).toEqual({ gpus: 1 });
    expect(request).not.toHaveProperty('image');
    expect(request.on).toBe('local');
  });

  it('remembers neither the name nor the environment', () => {
    const remembered = toRemember(filled({ name: 'once', env: 'TOKEN=secret', memory: '1Gi' }));
    expect(JSON.stringify(remembered)).not.toMatch(/once|secret/);
    expect(remembered.memory).toBe('1Gi');
  });
});
