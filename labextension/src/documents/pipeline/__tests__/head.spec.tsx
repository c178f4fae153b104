import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { english } from '../../../shared/trans';
import { TransContext } from '../../../shared/trans-context';
import type { IPipelineContext } from '../context';
import { Head } from '../Head';

let host: HTMLElement;
let root: Root;

beforeEach(() => {
  Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
  host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
});

afterEach(() => {
  React.act(() => root.unmount());
  host.remove();
});

/** The labels of what can be done with a run in a state, and a way to do it. */
function actionsIn(
  state: string,
  terminate = vi.fn(),
  inCell: Pick<IPipelineContext, 'commands'> | null = null,
  spec: { name: string; hasExitTasks: boolean } | null = null
): Map<string, HTMLElement> {
  const tracks = {
    trans: english,
    connection: { state: 'ok', sentence: '' },
    kfp: { status: { configured: false } }
  };
  Object.assign(tracks, { connectionChanged: new Signal(tracks) });
  const context = {
    document: {
      tracks,
      state,
      isLive: ['RUNNING', 'CANCELING'].includes(state),
      runId: 'r1',
      name: 'digits',
      place: 'here',
      started: null,
      ended: null,
      reason: '',
      problem: '',
      run: null,
      spec,
      tree: { root: null },
      terminate
    },
    compact: inCell !== null,
    commands: inCell?.commands ?? new CommandRegistry()
  } as unknown as IPipelineContext;
  React.act(() =>
    root.render(
      <TransContext.Provider value={english}>
        <Head {...context} />
      </TransContext.Provider>
    )
  );
  const buttons = [...host.querySelectorAll<HTMLElement>('button')];
  return new Map(buttons.map(button => [button.textContent!, button]));
}

test('a run that goes on is terminated; while it is being stopped, its exit tasks can be stopped as well', () => {
  expect([...actionsIn('RUNNING').keys()]).toContain('Terminate');
  const terminate = vi.fn();
  const actions = actionsIn('CANCELING', terminate);
  expect(actions.has('Terminate')).toBe(false);
  React.act(() => actions.get('Stop exit tasks')!.click());
  expect(terminate).toHaveBeenCalledTimes(1);
  expect([...actionsIn('CANCELED').keys()]).toEqual(['Retry']);
});

test('nothing is said of exit tasks where the pipeline has none', () => {
  const without = { name: 'digits', hasExitTasks: false };
  expect(actionsIn('RUNNING', vi.fn(), null, without).get('Terminate')!.title).toBe(
    'Stop the tasks'
  );
  expect(actionsIn('CANCELING', vi.fn(), null, without).has('Stop exit tasks')).toBe(false);
});

test('in a cell a run is stopped, retried, cloned and opened', async () => {
  const commands = new CommandRegistry();
  const clone = vi.fn();
  commands.addCommand('trackside:clone-pipeline-run', { execute: clone });
  commands.addCommand('trackside:open-pipeline-run', { execute: vi.fn() });
  expect([...actionsIn('RUNNING', vi.fn(), { commands }).keys()]).toEqual([
    'Terminate',
    'Clone…',
    'Open'
  ]);
  const actions = actionsIn('FAILED', vi.fn(), { commands });
  expect([...actions.keys()]).toEqual(['Retry', 'Clone…', 'Open']);
  await React.act(async () => actions.get('Clone…')!.click());
  expect(clone).toHaveBeenCalledWith({ pipeline_run: 'r1' });
});
