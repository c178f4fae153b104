import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, describe, expect, it } from 'vitest';

import { makeJobCluster } from '../../../__tests__/builders';
import type { IJobCluster, IRank } from '../../../api/clustertypes';
import { english } from '../../../shared/trans';
import { ClusterSection, gpuTime } from '../ClusterSection';
import type { RunModel } from '../model';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

let root: Root;
const host = document.createElement('div');

function draw(cluster: IJobCluster): RunModel {
  const run = {
    tracks: { trans: nullTranslator.load('trackside') },
    rank: 0,
    tab: 'overview'
  } as unknown as RunModel;
  document.body.append(host);
  root = createRoot(host);
  React.act(() => root.render(<ClusterSection run={run} cluster={cluster} />));
  return run;
}

afterEach(() => {
  React.act(() => root?.unmount());
  host.remove();
});

describe('where a job is on the cluster', () => {
  const failed: IRank = {
    rank: 1,
    pod: 'p-1',
    node: 'gpu-2',
    state: 'failed',
    restarts: 2,
    started_at: 1000,
    ended_at: 2000,
    exit_code: 137,
    reason: 'Out of memory.'
  };

  it('is told with the command that tells more, and how metrics come back', () => {
    draw(makeJobCluster({ kind: 'TrainJob', lane: 'stdout' }));
    const [copy] = host.querySelectorAll('button');
    expect(copy.title).toContain('kubectl -n team-a describe trainjob trackside-j1');
    expect(host.textContent).toContain('read from what it prints');
    expect(host.querySelector('table')).toBeNull();
  });

  it('is told of each rank, with the way to its log', () => {
    const run = draw(makeJobCluster({ ranks: [failed] }));
    const cells = [...host.querySelectorAll('tbody th, tbody td')].map(cell => cell.textContent);
    expect(cells).toEqual(['1', 'Failed', 'gpu-2', '2', '137', 'Log', '', 'Out of memory.']);
    React.act(() => host.querySelector<HTMLButtonElement>('tbody button')!.click());
    expect([run.rank, run.tab]).toEqual([1, 'logs']);
  });
});

describe('the time of GPUs', () => {
  it.each([
    [90, 90, '1.5 GPU-minutes, 100 % idle'],
    [1, 0, '0.1 GPU-minutes, 0 % idle'],
    [11_640, 1400, '3.2 GPU-hours, 12 % idle'],
    [1_000_000, 0, '278 GPU-hours, 0 % idle']
  ])('%s seconds, %s of them idle', (seconds, idle, text) => {
    expect(gpuTime(seconds, idle, english)).toBe(text);
  });
});
