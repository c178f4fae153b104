import { Signal } from '@lumino/signaling';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';

import { english } from '../../../shared/trans';
import { BoardState } from '../BoardState';
import type { BoardModel, BoardPhase } from '../model';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

it('what is left out is told in a region that was there before', () => {
  const changed = new Signal<object, void>({});
  const board = {
    changed,
    trans: english,
    phase: { kind: 'opening' } as BoardPhase,
    isTruncated: false
  };
  const host = document.createElement('div');
  const root = createRoot(host);
  React.act(() => root.render(<BoardState board={board as unknown as BoardModel} />));
  const region = host.querySelector('[role=status]')!;
  expect(region.textContent).toBe('');
  board.phase = { kind: 'ready', url: 'apart/', isApart: true };
  board.isTruncated = true;
  React.act(() => changed.emit());
  expect(host.querySelector('[role=status]')).toBe(region);
  expect(region.textContent).toMatch(
    /^Not all event files are shown\. Of each run at most 1.000 are taken, out of 20.000 files and folders, 20 folders deep; from an MLflow server at most 1 GB\.$/
  );
  React.act(() => root.unmount());
});
