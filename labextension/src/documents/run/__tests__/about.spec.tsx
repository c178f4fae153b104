import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, describe, expect, it } from 'vitest';

import { moment } from '../../../shared/format';
import { About } from '../About';
import type { IRunContext } from '../context';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

let root: Root;
const host = document.createElement('div');

async function draw(tags: Record<string, string>, status = 'RUNNING'): Promise<string> {
  const run = {
    runId: '0123456789abcdef',
    job: null,
    run: { info: { status, start_time: 1, end_time: null }, tags: new Map(Object.entries(tags)) },
    tracks: { trans: nullTranslator.load('trackside') }
  };
  document.body.append(host);
  root = createRoot(host);
  const context = { run, commands: new CommandRegistry() } as unknown as IRunContext;
  await React.act(async () => root.render(<About {...context} />));
  return host.textContent ?? '';
}

afterEach(() => {
  React.act(() => root.unmount());
  host.remove();
});

describe('what is known about a run', () => {
  it('says for when a schedule started it', async () => {
    const due = '2026-11-29T06:00:00Z';
    expect(await draw({ 'trackside.scheduled_at': due })).toContain(
      `Scheduled for${moment(Date.parse(due))}`
    );
  });

  it('does not say that a run started which waits', async () => {
    expect(await draw({}, 'SCHEDULED')).toContain(
      `StartedQueued; made, or begun first, at ${moment(1)}`
    );
  });

  it('leaves out what is no time', async () => {
    expect(await draw({ 'trackside.scheduled_at': 'soon' })).not.toContain('Scheduled');
    // Nor is there a text among the names and values.
    expect([...host.querySelector('dl')!.childNodes].map(({ nodeName }) => nodeName)).toEqual([
      'DIV',
      'DIV'
    ]);
  });
});
