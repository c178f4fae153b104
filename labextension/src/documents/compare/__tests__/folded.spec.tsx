import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, test } from 'vitest';

import { ValueGroup } from '../ValueTable';

test('what the machine measured is folded until somebody unfolds it', () => {
  Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
  const table = document.createElement('table');
  const root = createRoot(table);
  const rows = ['system/cpu', 'system/gpu'].map(key => ({ key, values: [1, 2], differs: true }));
  React.act(() =>
    root.render(
      <ValueGroup
        label="Machine"
        rows={rows}
        isFolded
        onlyDiffering
        trans={nullTranslator.load('trackside')}
      />
    )
  );
  const button = table.querySelector('button')!;
  expect(button.textContent).toBe('Machine: 2 rows');
  expect(button.getAttribute('aria-expanded')).toBe('false');
  expect(table.textContent).not.toContain('system/cpu');
  React.act(() => button.click());
  expect(button.getAttribute('aria-expanded')).toBe('true');
  expect(table.textContent).toContain('system/cpu');
  React.act(() => root.unmount());
});
