import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, test, vi } from 'vitest';

import { EVERYTHING } from '../../../models/pipelineruns';
import { NoRuns } from '../NoRuns';

test('where there may be more behind the newest runs, one looks further', async () => {
  Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
  const host = document.body.appendChild(document.createElement('div'));
  const root = createRoot(host);
  const loadMore = vi.fn(async () => undefined);
  const trans = nullTranslator.load('trackside');
  const show = (hasMore: boolean): void =>
    React.act(() =>
      root.render(<NoRuns runs={{ asked: EVERYTHING, hasMore, loadMore }} trans={trans} />)
    );
  show(false);
  expect(host.querySelector('button')).toBeNull();
  show(true);
  await React.act(async () => host.querySelector('button')!.click());
  expect(loadMore).toHaveBeenCalledTimes(1);
  React.act(() => root.unmount());
  host.remove();
});
