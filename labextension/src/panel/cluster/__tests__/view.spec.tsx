import { nullTranslator } from '@jupyterlab/translation';
import { type ISignal, Signal } from '@lumino/signaling';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { makeCluster, makeGpuType } from '../../../__tests__/builders';
import type { ICluster } from '../../../api/clustertypes';
import type { ClusterModel } from '../../../models/cluster';
import { ClusterView } from '../ClusterView';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

/** A model whose answers a test gives. */
class Answers {
  readonly model = {
    trans: nullTranslator.load('trackside'),
    connection: { state: 'ok', sentence: '' }
  };
  cluster: ICluster | null = null;
  problem = '';
  readonly watch = vi.fn();
  readonly unwatch = vi.fn();
  private readonly signal = new Signal<this, void>(this);

  get changed(): ISignal<this, void> {
    return this.signal;
  }

  give(cluster: ICluster): void {
    this.cluster = cluster;
    React.act(() => this.signal.emit());
  }
}

let root: Root;
const host = document.createElement('div');

function draw(cluster: ICluster | null): Answers {
  const answers = new Answers();
  answers.cluster = cluster;
  root = createRoot(host);
  React.act(() => root.render(<ClusterView cluster={answers as unknown as ClusterModel} />));
  return answers;
}

const move = (type: string): void =>
  React.act(() => {
    host.firstElementChild!.dispatchEvent(new Event(type, { bubbles: true }));
  });

beforeEach(() => {
  document.body.append(host);
});

afterEach(() => {
  React.act(() => root.unmount());
  host.remove();
  vi.useRealTimers();
});

describe('the section about the cluster', () => {
  it('shows what is free, who waits and what is missing', () => {
    draw(
      makeCluster({
        gpus: [makeGpuType()],
        quota: [{ name: 'q', resource: 'requests.cpu', label: 'CPUs', used: 1, hard: 4 }],
        queues: [
          { name: 'team-a', cluster_queue: 'c', pending: 2, admitted: 1, stopped: false, place: 2 }
        ],
        missing: [
          { what: 'Events cannot be read.', kind: 'Role', rules: '- apiGroups: [""]' },
          { what: 'Queues cannot be shown now.', kind: 'Role', rules: '' }
        ]
      })
    );
    expect(host.textContent).toContain('prod-eu · namespace team-a');
    const [gpus, cpus] = host.querySelectorAll('[role="meter"]');
    expect(gpus.getAttribute('aria-valuetext')).toBe('3 of 8 in use');
    expect(cpus.getAttribute('aria-valuenow')).toBe('1');
    expect(host.textContent).toContain('Your job is 2nd.');
    expect(host.querySelector('details summary')!.textContent).toBe('Events cannot be read.');
    expect(host.querySelector('details')!.textContent).toContain('kind: Role');
    expect(host.querySelectorAll('details')).toHaveLength(1);
    expect(host.textContent).toContain('Queues cannot be shown now.');
  });

  it.each([
    ['none', /kubeconfig/],
    ['off', /turned off/],
    ['denied', /does not let/],
    ['unreachable', /does not answer/]
  ] as const)('says in a line what is the matter when it is %s', (state, words) => {
    draw(makeCluster({ state }));
    expect(host.textContent).toMatch(words);
    expect(host.querySelector('h3')).toBeNull();
  });

  it('draws no bar where it is not known what is in use', () => {
    draw(makeCluster({ gpus: [makeGpuType({ used: null, free: null, fits: null })] }));
    expect(host.querySelector('[role="meter"]')).toBeNull();
    expect(host.textContent).toContain('8 in all');
  });

  it('keeps still under a moving pointer, but not its numbers', () => {
    vi.useFakeTimers();
    const answers = draw(makeCluster({ gpus: [makeGpuType()] }));
    move('pointermove');
    answers.give(makeCluster({ gpus: [makeGpuType({ free: 1, used: 7 })] }));
    expect(host.textContent).toContain('1 of 8 free');
    answers.give(makeCluster({ gpus: [makeGpuType({ type: 'T4' }), makeGpuType({ free: 2 })] }));
    expect(host.textContent).not.toContain('T4');
    React.act(() => vi.advanceTimersByTime(10_000));
    expect(host.textContent).toContain('T4');
    expect(host.textContent).toContain('2 of 8 free');
  });
});
