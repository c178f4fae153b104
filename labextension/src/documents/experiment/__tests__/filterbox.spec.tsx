import { Signal } from '@lumino/signaling';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';

import { english } from '../../../shared/trans';
import type { ITableContext } from '../context';
import { FilterBox } from '../FilterBox';

it('the next key writes behind the word that was chosen, also before anything was painted', async () => {
  const table = {
    tracks: { trans: english },
    rows: { changed: new Signal<object, void>({}), error: null },
    view: { filter: 'metrics.lo < 1' },
    suggestions: { at: async () => ['metrics.loss'] },
    setView: () => undefined
  };
  const host = document.body.appendChild(document.createElement('div'));
  createRoot(host).render(<FilterBox {...({ table } as unknown as ITableContext)} />);
  const box = (): HTMLInputElement => host.querySelector('input')!;
  await expect.poll(() => host.querySelector('input')).not.toBeNull();
  box().focus();
  box().setSelectionRange(10, 10);
  box().click();
  const word = (): Element | null => host.querySelector('[role="option"]');
  await expect.poll(word).not.toBeNull();
  word()!.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, cancelable: true }));
  await Promise.resolve();
  expect([box().value, box().selectionStart]).toEqual(['metrics.loss < 1', 12]);
});
