import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { describe, expect, it } from 'vitest';

import { Code } from '../artifacts/Rendered';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

class Renderer extends Widget {
  async renderModel(): Promise<void> {}
}

describe('what JupyterLab draws', () => {
  it('goes without breaking the view when another file is chosen', () => {
    const made: Widget[] = [];
    const rendermime = {
      clone: () => rendermime,
      preferredMimeType: () => 'text/markdown',
      createModel: () => ({}),
      createRenderer: () => {
        made.push(new Renderer());
        return made[made.length - 1];
      }
    } as unknown as IRenderMimeRegistry;
    const host = document.body.appendChild(document.createElement('div'));
    const root = createRoot(host);
    const code = (text: string): JSX.Element => (
      <Code rendermime={rendermime} text={text} language="json" label="a file" />
    );
    React.act(() => root.render(<div>{code('{}')}</div>));
    expect(made[0].isAttached).toBe(true);
    React.act(() => root.render(<div>{code('[]')}</div>));
    expect(made.map(widget => widget.isDisposed)).toEqual([true, false]);
    React.act(() => root.render(<p>Loading</p>));
    expect(host.textContent).toBe('Loading');
    expect(made.every(widget => widget.isDisposed)).toBe(true);
    React.act(() => root.unmount());
    host.remove();
  });
});
