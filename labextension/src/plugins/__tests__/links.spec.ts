import { describe, expect, it } from 'vitest';

import { readLink } from '../links';

const AT = { pathname: '/user/x/lab', search: '', hash: '' };

describe('a link that a client printed', () => {
  it.each([
    ['#/experiments/3/runs/abc1', 'trackside:open-run', { run_id: 'abc1' }],
    ['#/runs/details/f0-12', 'trackside:open-pipeline-run', { run_id: 'f0-12' }],
    ['#/experiments/details/7', 'trackside:open-experiment', { experiment_ids: ['7'] }],
    ['#/pipelines/details/p-1/version/v1', 'trackside:open-pipeline', { pipeline: 'p-1' }]
  ])('%s opens what it names, once', (hash, command, args) => {
    expect(readLink({ ...AT, search: '?reset', hash })).toEqual({
      command,
      args,
      rest: '/user/x/lab?reset'
    });
  });

  it('may name a pipeline run in its query, and leaves the rest of it', () => {
    expect(readLink({ ...AT, search: '?reset=&trackside-pipeline-run=r1', hash: '#h' })).toEqual({
      command: 'trackside:open-pipeline-run',
      args: { run_id: 'r1' },
      rest: '/user/x/lab?reset=#h'
    });
  });

  it('leads to the KFP server where its client was led through this one', () => {
    const at = { ...AT, search: '?trackside-place=kfp' };
    expect(readLink({ ...at, hash: '#/runs/details/f0-12' })).toEqual({
      command: 'trackside:open-pipeline-run',
      args: { run_id: 'kfp:f0-12' },
      rest: '/user/x/lab'
    });
    expect(
      readLink({ ...AT, search: '?trackside-place=kfp&reset', hash: '#/pipelines/details/p-1' })
    ).toEqual({
      command: 'trackside:open-pipeline',
      args: { pipeline: 'kfp:p-1' },
      rest: '/user/x/lab?reset'
    });
    expect(readLink({ ...at, hash: '#/experiments/details/7' })?.command).toBe(
      'trackside:open-pipeline-runs'
    );
  });

  it('is none where nothing is named', () => {
    expect(readLink({ ...AT, hash: '#/settings' })).toBeNull();
    expect(readLink(AT)).toBeNull();
  });
});
