import { nullTranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, test, vi } from 'vitest';

import { Selection } from '../../../models/selection';
import type { RunsDocumentModel } from '../model';
import { SelectionBar } from '../SelectionBar';

test('runs that could not be put away stay selected', async () => {
  Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
  const selection = new Selection();
  selection.toggle('r1', 0);
  const document = {
    selection,
    live: [],
    runs: { asked: { archived: false } },
    tracks: { trans: nullTranslator.load('trackside') }
  } as unknown as RunsDocumentModel;
  const execute = vi.fn().mockResolvedValueOnce(false).mockResolvedValueOnce(true);
  const host = window.document.createElement('div');
  const root = createRoot(host);
  const commands = { execute } as unknown as CommandRegistry;
  React.act(() => root.render(<SelectionBar document={document} commands={commands} />));
  const putAway = [...host.querySelectorAll('button')].find(
    ({ textContent }) => textContent === 'Put away'
  )!;
  await React.act(async () => putAway.click());
  expect([...selection.ids]).toEqual(['r1']);
  await React.act(async () => putAway.click());
  expect(selection.isEmpty).toBe(true);
  React.act(() => root.unmount());
});
