import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, test, vi } from 'vitest';

import { Description } from '../Description';
import type { ModelDocument } from '../model';

test('a version whose description is being written stays, whichever comes to matter more', () => {
  Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
  const choose = vi.fn();
  const model = { choose, tracks: { trans: nullTranslator.load('trackside') } };
  const host = document.body.appendChild(document.createElement('div'));
  const root = createRoot(host);
  React.act(() =>
    root.render(
      <Description
        title="About this version"
        text=""
        document={model as unknown as ModelDocument}
        version="3"
        rendermime={null}
      />
    )
  );
  React.act(() => host.querySelector('button')!.click());
  expect(choose).toHaveBeenCalledExactlyOnceWith('3');
  expect(host.querySelector('textarea')).not.toBeNull();
  React.act(() => root.unmount());
  host.remove();
});
