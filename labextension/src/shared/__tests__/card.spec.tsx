import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { makeJob, makeJobCluster } from '../../__tests__/builders';
import { Card, type ICardProps } from '../card/Card';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

let root: Root | null = null;
const host = document.createElement('div');

function draw(props: Partial<ICardProps>): HTMLElement {
  document.body.append(host);
  root ??= createRoot(host);
  React.act(() => root!.render(<Card job={makeJob()} actions={{}} {...props} />));
  return host;
}

function button(name: string): HTMLButtonElement | undefined {
  return [...host.querySelectorAll('button')].find(found => found.textContent === name);
}

async function click(name: string): Promise<void> {
  await React.act(async () => button(name)!.click());
}

// Times are counted to the second, and a busy machine takes that long.
const NOW = Date.now();
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));

afterEach(() => {
  React.act(() => root?.unmount());
  root = null;
  host.remove();
  vi.useRealTimers();
});

const cancel = vi.fn(async () => undefined);
const rerun = vi.fn(async () => 'again-2');

describe('the card of a running job', () => {
  const job = makeJob({
    name: 'digits-7',
    started_at: NOW - 42_000,
    progress: { value: 3, total: 5, unit: 'epoch', fraction: 0.6 },
    main_metric: 'loss',
    metrics: {
      accuracy: { value: 0.9, step: 3, timestamp: NOW },
      loss: { value: 0.2134567, step: 3, timestamp: NOW }
    },
    sparkline: [3, 2, 1],
    last_line: 'epoch=3'
  });

  it('shows state, time, progress, metrics and the last line', () => {
    const text = draw({ job }).textContent!;
    expect(text).toContain('Running');
    expect(text).toContain('0:42');
    expect(text).toContain('epoch 3 of 5');
    expect(text).toContain('loss0.2135');
    expect(text.indexOf('loss')).toBeLessThan(text.indexOf('accuracy'));
    expect(text).toContain('epoch=3');
    expect(host.querySelector('[role="progressbar"]')!.getAttribute('aria-valuenow')).toBe('60');
  });

  it('is stopped by one click while it is young', async () => {
    draw({ job, actions: { cancel } });
    await click('Stop');
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('is stopped only when asked twice after a long time', async () => {
    draw({ job: { ...job, started_at: NOW - 3_600_000 }, actions: { cancel } });
    await click('Stop');
    expect(cancel).not.toHaveBeenCalled();
    const [again] = [...host.querySelectorAll('button')];
    expect(again.textContent).toBe('Stop after 1:00:00?');
    await React.act(async () => again.click());
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('says why an action did not work', async () => {
    draw({ job, actions: { cancel: () => Promise.reject(new Error('It has ended already.')) } });
    await click('Stop');
    expect(host.textContent).toContain('It has ended already.');
  });

  it('unfolds its log below', async () => {
    draw({ job, renderLog: () => 'the log' });
    expect(host.textContent).not.toContain('the log');
    await click('Log');
    expect(button('Log')!.getAttribute('aria-expanded')).toBe('true');
    expect(host.textContent).toContain('the log');
  });
});

describe('the card of a job that ended', () => {
  const ended = { state: 'FAILED', started_at: 1000, ended_at: 13_000 } as const;

  it('offers more memory after it ran out of it', async () => {
    draw({
      job: makeJob({
        ...ended,
        reason: { code: 'OUT_OF_MEMORY', message: 'Out of memory: used 16 of 16 GiB.' },
        resources: { cpus: null, memory: 16 * 2 ** 30, gpus: null }
      }),
      actions: { rerun }
    });
    expect(host.textContent).toContain('Out of memory: used 16 of 16 GiB.');
    await click('Run again with 32 GiB');
    expect(rerun).toHaveBeenCalledWith({ resources: { memory: 32 * 2 ** 30 } });
    expect(host.textContent).toContain('Runs again as again-2.');
  });

  it('shows the traceback as text, whatever is in it', async () => {
    draw({
      job: makeJob({ ...ended, reason: { code: 'EXCEPTION', message: 'ValueError: x' } }),
      details: {
        failure: {
          type: 'ValueError',
          message: 'x',
          traceback: '\x1b[31m<img src=x onerror=alert(1)>\x1b[0m',
          cell_line: 1
        }
      }
    });
    await click('Show traceback');
    expect(host.textContent).toContain('<img src=x onerror=alert(1)>');
    expect(host.querySelector('img')).toBeNull();
  });

  it('tells where it came from and what it took along', () => {
    draw({
      job: makeJob({ ...ended, source: { label: 'cell [7] of digits.ipynb' } }),
      details: {
        git: { branch: 'main', commit: '3f2c1a0aa', changed: 2 },
        took: { names: ['load_digits_split', 'utils.py'], files: 3, bytes: 14_000 }
      }
    });
    expect(host.querySelector('.jp-TracksideCard-origin')!.textContent).toBe(
      'cell [7] of digits.ipynbmain 3f2c1a0 + 2 changed files' +
        'took along: load_digits_split, utils.py (3 files, 14 kB)'
    );
  });
});

describe('the card of a waiting job', () => {
  it('says why it waits and can be cancelled', async () => {
    draw({
      job: makeJob({
        state: 'QUEUED',
        started_at: null,
        queue_position: 2,
        reason: { code: 'QUEUED', message: 'Waiting for a free place: 2 of 2 jobs are running.' }
      }),
      actions: { cancel }
    });
    expect(host.textContent).toContain('Waiting for a free place');
    await click('Cancel');
    expect(cancel).toHaveBeenCalledOnce();
  });
});

describe('the card of a job on a cluster', () => {
  const job = makeJob({
    state: 'QUEUED',
    cluster: makeJobCluster({ nodes: 2 }),
    resources: { cpus: null, memory: null, gpus: 2, gpu: 'A100-80GB', nodes: 2 },
    reason: { code: 'PREEMPTED', message: 'Preempted; it goes on when there is room again.' },
    log_size: 10
  });

  it('says where it goes and why it waits, and keeps its log when it was put back', () => {
    draw({ job, renderLog: () => 'the log' });
    expect(host.textContent).toContain('cluster team-a, 2 nodes, 2 x A100-80GB each');
    expect(host.textContent).toContain('Preempted; it goes on');
    expect(button('Log')).toBeDefined();
  });

  it('says what it waits for while it starts', () => {
    draw({ job: { ...job, state: 'STARTING', reason: { code: 'P', message: 'Pulling it.' } } });
    expect(host.textContent).toContain('Pulling it.');
  });
});

describe('the card of a starting job', () => {
  it('does not count the time in the queue as time that it ran', () => {
    draw({
      job: makeJob({ state: 'STARTING', started_at: null, created_at: NOW - 137_000 })
    });
    expect(host.textContent).not.toContain('2:17');
  });
});

describe('a job whose output was not understood', () => {
  it('says so, unless metrics came another way', () => {
    const recognised = {
      lines: 0,
      metrics: [],
      pattern: null,
      sample: null,
      message: 'No metric was recognised in 100 lines.'
    };
    expect(draw({ job: makeJob({ recognised }) }).textContent).toContain('No metric');
    const metrics = { loss: { value: 1, step: 0, timestamp: 0 } };
    expect(draw({ job: makeJob({ recognised, metrics }) }).textContent).not.toContain('No metric');
    const some = { ...recognised, lines: 5, message: 'm2000 and others are left out.' };
    expect(draw({ job: makeJob({ recognised: some, metrics }) }).textContent).toContain('left out');
  });
});
