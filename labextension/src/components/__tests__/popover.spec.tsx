import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { MenuButton, PopoverButton } from '../Popover';

// What the browser has and the tests' page lacks.
HTMLElement.prototype.showPopover = vi.fn();
vi.stubGlobal(
  'ResizeObserver',
  class {
    observe = vi.fn();
    disconnect = vi.fn();
  }
);

const find = (role: string): HTMLElement | null => document.querySelector(`[role="${role}"]`);
const focused = (): string | null | undefined => document.activeElement?.textContent;

function press(key: string, shiftKey = false): boolean {
  const event = new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true });
  return document.activeElement!.dispatchEvent(event);
}

async function show(view: React.ReactElement): Promise<HTMLButtonElement> {
  const host = document.body.appendChild(document.createElement('div'));
  createRoot(host).render(view);
  await expect.poll(() => host.querySelector('button')).not.toBeNull();
  const button = host.querySelector('button')!;
  button.focus();
  return button;
}

beforeEach(() => document.body.replaceChildren());

describe('a menu', () => {
  const chosen = vi.fn();
  const item = (label: string, isDisabled = false) => ({
    label,
    isDisabled,
    onChoose: () => chosen(label)
  });
  const groups = () => [[item('Left'), item('Away', true)], [], [item('Right')]];

  it('opens by an arrow, is walked round by arrows, and gives the focus back', async () => {
    const button = await show(<MenuButton label="More" groups={groups} />);
    expect(button.getAttribute('aria-haspopup')).toBe('menu');
    press('ArrowDown');
    await expect.poll(focused).toBe('Left');
    expect(button.getAttribute('aria-expanded')).toBe('true');
    press('ArrowDown');
    expect(focused()).toBe('Right');
    press('ArrowDown');
    expect(focused()).toBe('Left');
    press('End');
    expect(focused()).toBe('Right');
    press('Escape');
    await expect.poll(() => find('menu')).toBeNull();
    expect(document.activeElement).toBe(button);
  });

  it('does what is chosen after it has closed', async () => {
    const button = await show(<MenuButton label="More" groups={groups} />);
    button.click();
    await expect.poll(focused).toBe('Left');
    (document.activeElement as HTMLElement).click();
    expect(chosen).toHaveBeenCalledExactlyOnceWith('Left');
    await expect.poll(() => find('menu')).toBeNull();
  });

  it('has no stops for Tab, which goes on from its button', async () => {
    const button = await show(<MenuButton label="More" groups={groups} />);
    press('ArrowDown');
    await expect.poll(focused).toBe('Left');
    expect(press('Tab')).toBe(true);
    await expect.poll(() => document.activeElement).toBe(button);
  });
});

describe('a popover', () => {
  it('is left by Tab at its end only, and by a click elsewhere', async () => {
    const button = await show(
      <PopoverButton label="Columns">
        {() => (
          <>
            <input data-first />
            <button>all</button>
          </>
        )}
      </PopoverButton>
    );
    button.click();
    await expect.poll(() => document.activeElement?.tagName).toBe('INPUT');
    press('Tab');
    expect(find('dialog')).not.toBeNull();
    expect(press('Tab', true)).toBe(false);
    await expect.poll(() => find('dialog')).toBeNull();
    expect(document.activeElement).toBe(button);

    button.click();
    await expect.poll(() => find('dialog')).not.toBeNull();
    document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }));
    await expect.poll(() => find('dialog')).toBeNull();
  });
});
