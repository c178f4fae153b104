import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { describe, expect, it } from 'vitest';

import { english } from '../../shared/trans';
import type { ITracksideModel } from '../../tokens';
import { NoteEditor } from '../NoteEditor';
import { saving } from '../noteclash';

const trans = english as ITracksideModel['trans'];

describe('what saving a note comes to', () => {
  it.each([
    ['is written where nobody changed it', 'old', 'mine', 'old', 'write'],
    ['is asked about where somebody did', 'old', 'mine', 'theirs', 'ask'],
    ['is nothing where both wrote the same', 'old', 'same', 'same', 'nothing'],
    ['is nothing where only they wrote', 'old', 'old', 'theirs', 'nothing'],
    ['is asked about where they emptied it', 'old', 'mine', '', 'ask']
  ])('%s', (_, began, mine, theirs, todo) => {
    expect(saving(began, mine, theirs)).toBe(todo);
  });
});

describe('a note that was changed meanwhile', () => {
  it('is shown, and written over only where that is chosen, also when it changes once more', async () => {
    const lab = open('old', 'theirs');
    await lab.save('mine');
    await expect.poll(() => lab.host.querySelector('pre')?.textContent).toBe('theirs');
    expect(lab.host.querySelector('[role=alert]')?.textContent).toContain('changed meanwhile');
    await expect.poll(() => document.activeElement?.getAttribute('role')).toBe('group');
    expect(lab.written).toEqual([]);
    lab.server.text = 'theirs again';
    lab.button('Keep mine').click();
    await expect.poll(() => lab.host.querySelector('pre')?.textContent).toBe('theirs again');
    expect(lab.written).toEqual([]);
    lab.button('Keep mine').click();
    await expect.poll(() => lab.closed).toEqual(['theirs again']);
    expect(lab.written).toEqual(['mine']);
  });

  it('is taken without anything being written', async () => {
    const lab = open('old', 'theirs');
    await lab.save('mine');
    await expect.poll(() => lab.host.querySelector('pre')).not.toBeNull();
    lab.button('Take theirs').click();
    await expect.poll(() => lab.closed).toEqual([undefined]);
    expect(lab.written).toEqual([]);
  });

  it('leaves what was written where Escape is pressed', async () => {
    const lab = open('old', 'theirs');
    await lab.save('mine');
    await expect.poll(() => lab.host.querySelector('pre')).not.toBeNull();
    const escape = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true });
    document.activeElement!.dispatchEvent(escape);
    await expect.poll(() => document.activeElement?.tagName).toBe('TEXTAREA');
    expect(lab.area().value).toBe('mine');
    expect(lab.closed).toEqual([]);
  });
});

function open(text: string, now: string) {
  const host = document.body.appendChild(document.createElement('div'));
  const server = { text: now };
  const written: string[] = [];
  const closed: (string | undefined)[] = [];
  const area = (): HTMLTextAreaElement => host.querySelector('textarea')!;
  const button = (label: string): HTMLButtonElement =>
    [...host.querySelectorAll('button')].find(one => one.textContent === label)!;
  createRoot(host).render(
    <NoteEditor
      label="Notes"
      text={text}
      read={async () => server.text}
      write={async words => void written.push(words)}
      refresh={async () => undefined}
      onClose={before => void closed.push(before)}
      trans={trans}
    />
  );
  const save = async (words: string): Promise<void> => {
    await expect.poll(area).not.toBeNull();
    // React watches the property itself; the prototype's setter is what typing uses.
    const { set } = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')!;
    set!.call(area(), words);
    area().dispatchEvent(new Event('input', { bubbles: true }));
    await expect.poll(() => area().value).toBe(words);
    button('Save').click();
  };
  return { host, server, written, closed, area, button, save };
}
