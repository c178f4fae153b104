import { PromiseDelegate } from '@lumino/coreutils';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, test, vi } from 'vitest';

import type { ITask } from '../../../pipelines/tasks';
import { english } from '../../../shared/trans';
import type { IPipelineContext } from '../context';
import { TaskLog } from '../TaskLog';

/** Longer than two logs of a task that goes on lie apart. */
const LONG = 12_000;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('a log that takes long to come is waited for, and then read anew while the task goes on', async () => {
  vi.useFakeTimers();
  Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
  vi.spyOn(HTMLElement.prototype, 'offsetParent', 'get').mockReturnValue(document.body);
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(
    DOMRect.fromRect({ width: 10, height: 10 })
  );
  const answer = new PromiseDelegate<Response>();
  const signals: AbortSignal[] = [];
  const log = (_: string, __: string, signal: AbortSignal): Promise<Response> => {
    signals.push(signal);
    return answer.promise;
  };
  const context = {
    document: { runId: 'kfp:r1', tracks: { trans: english, pipelineRunsApi: { log } } }
  } as unknown as IPipelineContext;
  const task = { id: 't1', title: 'fit', state: 'RUNNING', url: '' } as ITask;
  const host = document.body.appendChild(document.createElement('div'));
  const root = createRoot(host);
  React.act(() => root.render(<TaskLog {...context} task={task} />));
  await React.act(() => vi.advanceTimersByTimeAsync(LONG));
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  answer.resolve(new Response('epoch 1\n'));
  await React.act(() => vi.advanceTimersByTimeAsync(0));
  expect(host.textContent).toContain('epoch 1');
  await React.act(() => vi.advanceTimersByTimeAsync(LONG / 2));
  expect(signals).toHaveLength(2);
  React.act(() => root.unmount());
  host.remove();
});
