import { describe, expect, it } from 'vitest';

import { makeCluster, makeGpuType, makeJob, makeJobCluster } from '../../__tests__/builders';
import { place } from '../card/facts';
import {
  absenceText,
  contextText,
  freeText,
  gpuNote,
  queueNote,
  quotaText,
  summaryText
} from '../clusterwords';
import { english } from '../trans';

const queue = {
  name: 'q',
  cluster_queue: 'c',
  pending: 3,
  admitted: 1,
  stopped: false,
  place: null
};
const quota = { name: 'team-a', resource: 'requests.cpu', label: 'CPUs', used: 14.5, hard: 64 };

describe('words about a cluster', () => {
  it('say what is free, as far as it is known', () => {
    expect(freeText(makeGpuType(), english)).toBe('5 of 8 free');
    expect(freeText(makeGpuType({ used: null, free: null }), english)).toBe('8 in all');
    expect(gpuNote(makeGpuType(), english)).toBe('up to 4 on one node now · 2 nodes');
    expect(gpuNote(makeGpuType({ fits: 0, nodes: 1, shared: true }), english)).toBe(
      'none free on any node now · 1 node · shared'
    );
  });

  it('stand beside the title, the first type for all', () => {
    const gpus = [makeGpuType(), makeGpuType({ type: 'T4' })];
    expect(summaryText(makeCluster({ gpus }), english)).toBe('A100-80GB  5 of 8 free +1');
    expect(summaryText(makeCluster({ state: 'unreachable', gpus }), english)).toBe('no answer');
    expect(summaryText(makeCluster(), english)).toBe('');
  });

  it('say which job is next', () => {
    const say = (place: number | null): string => queueNote({ ...queue, place }, english);
    expect([null, 1, 2, 3, 4, 11, 12, 13, 21, 112].map(say)).toEqual([
      '',
      'Your job is next.',
      'Your job is 2nd.',
      'Your job is 3rd.',
      'Your job is 4th.',
      'Your job is 11th.',
      'Your job is 12th.',
      'Your job is 13th.',
      'Your job is 21st.',
      'Your job is 112th.'
    ]);
    expect(queueNote({ ...queue, stopped: true }, english)).toContain('Stopped');
  });

  it('count memory in the units in which it is asked for', () => {
    expect(quotaText(quota, english)).toBe('14.5 of 64');
    const memory = { ...quota, resource: 'limits.memory', used: 96 * 2 ** 30, hard: 2 ** 38 };
    expect(quotaText(memory, english)).toBe('96 GiB of 256 GiB');
  });

  it('name the cluster from inside of it too', () => {
    expect(contextText(makeCluster(), english)).toBe('prod-eu · namespace team-a');
    expect(contextText(makeCluster({ context: null }), english)).toContain('pod');
  });

  it('say what would turn it on, unless the server knows better', () => {
    const none = makeCluster({ state: 'none' });
    expect(absenceText(none, english)).toMatch(/kubeconfig.*pod/);
    expect(absenceText({ ...none, message: 'No.', hint: 'Do.' }, english)).toBe('No. Do.');
  });
});

describe('the place of a job', () => {
  it('is a cluster, its nodes and what they hold', () => {
    const job = makeJob({
      cluster: makeJobCluster({ nodes: 2 }),
      resources: { cpus: null, memory: null, gpus: 2, gpu: 'A100-80GB', nodes: 2 }
    });
    expect(place(job, english, 'Kubernetes')).toBe('cluster team-a, 2 nodes, 2 x A100-80GB each');
    expect(place(makeJob({ cluster: makeJobCluster() }), english)).toBe('cluster team-a');
  });
});
