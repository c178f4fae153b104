import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { VirtualList } from '../VirtualList';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

describe('a list', () => {
  const host = document.body.appendChild(document.createElement('div'));
  let root: Root;

  const draw = (...items: string[]): void => {
    React.act(() =>
      root.render(
        <VirtualList
          label="Letters"
          items={items}
          keyOf={item => item}
          describe={item => item}
          renderRow={item => <span role="gridcell">{item}</span>}
          onOpen={() => undefined}
        />
      )
    );
  };
  const row = (name: string): HTMLElement | null =>
    host.querySelector<HTMLElement>(`[role="row"][aria-label="${name}"]`);

  /** The row gets the focus once it is drawn. */
  const settle = (): Promise<void> =>
    React.act(() => new Promise<void>(resolve => requestAnimationFrame(() => resolve())));

  beforeEach(() => {
    // The size of the list, which jsdom does not lay out.
    vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(200);
    vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(200);
    HTMLElement.prototype.scrollTo = () => undefined;
    root = createRoot(host);
  });

  afterEach(() => {
    React.act(() => root.unmount());
    vi.restoreAllMocks();
  });

  it('keeps the focus at its place when the row that has it is deleted', async () => {
    draw('a', 'b', 'c');
    React.act(() => row('b')!.focus());
    draw('a', 'c');
    await settle();
    expect(document.activeElement).toBe(row('c'));
    draw('a');
    await settle();
    expect(document.activeElement).toBe(row('a'));
  });

  it('hears each key where the one before led, also before anything was painted', () => {
    draw('a', 'b', 'c');
    React.act(() => row('a')!.focus());
    for (const name of ['b', 'c']) {
      const press = { key: 'ArrowDown', bubbles: true };
      React.act(
        () => void document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', press))
      );
      expect(document.activeElement).toBe(row(name));
    }
  });

  it('leaves the focus alone when it is elsewhere', async () => {
    draw('a', 'b');
    React.act(() => row('b')!.focus());
    React.act(() => row('b')!.blur());
    draw('a');
    await settle();
    expect(document.activeElement).toBe(document.body);
    expect(row('a')!.tabIndex).toBe(0);
  });
});
