import { Signal } from '@lumino/signaling';
import * as React from 'react';
import { afterEach, expect, test, vi } from 'vitest';

import { english } from '../../shared/trans';
import { useSignal } from '../hooks';
import { SubmitDialog } from '../submitdialog';

/** A form that is heeded, or not, when the test says so. */
class Form {
  readonly changed = new Signal<this, void>(this);
  error = '';
  why = '';
  isSending = false;
  isDisposed = false;
  sent = 0;

  dispose(): void {
    this.isDisposed = true;
  }

  submit(): Promise<string | null> {
    this.sent += 1;
    this.show(true);
    return new Promise(resolve => {
      this.answer = (outcome, error = '') => {
        this.error = error;
        this.show(false);
        resolve(outcome);
      };
    });
  }

  show(isSending: boolean): void {
    this.isSending = isSending;
    this.changed.emit();
  }

  answer: (outcome: string | null, error?: string) => void = () => undefined;
}

/** A field and a box, neither of which can be used while they are sent. */
function Fields({ form }: { form: Form }): React.ReactElement {
  useSignal(form.changed);
  return (
    <fieldset className="jp-TracksideLaunch" disabled={form.isSending}>
      <input type="text" aria-invalid={form.error === 'No text.' || undefined} />
      <input type="checkbox" />
      <p data-sending={form.isSending} />
    </fieldset>
  );
}

let dialog: SubmitDialog<string> | undefined;
afterEach(() => dialog?.dispose());

/** A form in its dialog, with what comes of it and how its buttons are pressed. */
function open({ focus = 'input', why = '' } = {}) {
  const form = Object.assign(new Form(), { why });
  const shown = new SubmitDialog({
    trans: english,
    title: 'Run greet',
    form,
    content: <Fields form={form} />,
    accept: () => ({
      label: form.why ? 'Wait' : 'Run',
      isDisabled: form.isSending || form.why !== '',
      why: form.why
    }),
    focus
  });
  dialog = shown;
  return {
    form,
    node: shown.node,
    answer: shown.ask(),
    cancel: () => shown.resolve(0),
    ok: () => shown.resolve(1)
  };
}

test('a form that was heeded is closed, and one that was not stays open for another try', async () => {
  const { form, answer, ok } = open();
  ok();
  ok();
  expect(form.sent).toBe(1);
  form.answer(null, 'No.');
  await Promise.resolve();
  expect(form.isDisposed).toBe(false);
  ok();
  form.answer('run 1');
  expect(await answer).toEqual({ outcome: 'run 1', isLate: false });
  expect(form.isDisposed).toBe(true);
});

test('what was on its way when its form was closed is told when it is known', async () => {
  const { form, answer, ok, cancel } = open();
  ok();
  cancel();
  form.answer('run 1');
  expect(await answer).toEqual({ outcome: 'run 1', isLate: true });
});

test('what failed after its form was closed is told as well', async () => {
  const { form, answer, ok, cancel } = open();
  ok();
  cancel();
  form.answer(null, 'The server does not answer.');
  await expect(answer).rejects.toThrow('Run greet: The server does not answer.');
});

test('a form that is closed after its mistakes were read says nothing more of them', async () => {
  const { form, answer, ok, cancel } = open();
  ok();
  form.answer(null, 'No.');
  await Promise.resolve();
  cancel();
  expect(await answer).toBeNull();
});

test('the button says what it does as the form is now, and why it cannot', async () => {
  const { form, node, answer, cancel } = open();
  const button = node.querySelector<HTMLButtonElement>('.jp-mod-accept');
  expect([button?.textContent, button?.disabled]).toEqual(['Run', false]);
  form.why = 'Nothing is free.';
  form.changed.emit();
  expect([button?.textContent, button?.disabled]).toEqual(['Wait', true]);
  expect(node.querySelector('[role="status"]')?.textContent).toBe('Nothing is free.');
  cancel();
  expect(await answer).toBeNull();
});

/** Wait until it is drawn that a form is sent, or no longer. */
async function drawn(node: HTMLElement, isSending: boolean): Promise<void> {
  await vi.waitFor(() => {
    expect(node.querySelector('[data-sending]')?.getAttribute('data-sending')).toBe(`${isSending}`);
  });
}

const SELECTORS = ['input[type="text"]', '.jp-mod-accept'];

test.each(SELECTORS)('what had the focus has it again after a refusal (%s)', async selector => {
  const { form, node, answer, ok, cancel } = open();
  await drawn(node, false);
  const had = node.querySelector<HTMLElement>(selector)!;
  had.focus();
  ok();
  await drawn(node, true);
  const frame = node.querySelector('.jp-Dialog-content');
  // Escape closes it then, and Enter does nothing.
  await vi.waitFor(() => expect(document.activeElement).toBe(frame));
  press(frame!, 'Enter');
  form.answer(null, 'No.');
  await vi.waitFor(() => expect(document.activeElement).toBe(had));
  expect(form.sent).toBe(1);
  cancel();
  expect(await answer).toBeNull();
});

test('a refusal that is shown at a field has the focus there, also where it was sent by the button', async () => {
  const { form, node, answer, ok, cancel } = open({ focus: '' });
  await vi.waitFor(() => expect(node.querySelector('input')).not.toBeNull());
  node.querySelector<HTMLElement>('.jp-mod-accept')!.focus();
  ok();
  form.answer(null, 'No text.');
  await vi.waitFor(() =>
    expect(document.activeElement).toBe(node.querySelector('[aria-invalid="true"]'))
  );
  cancel();
  expect(await answer).toBeNull();
});

test('a form has the focus where there is nothing to fill in and nothing to submit', async () => {
  const { node, answer, cancel } = open({ focus: 'output', why: 'There is no model.' });
  const close = node.querySelector('.jp-mod-reject');
  await vi.waitFor(() => expect(document.activeElement).toBe(close));
  cancel();
  expect(await answer).toBeNull();
});

test('a form keeps the focus when its button can no longer be pressed', async () => {
  const { form, node, answer, cancel } = open({ focus: '' });
  const find = (selector: string) => node.querySelector(selector);
  await vi.waitFor(() => expect(document.activeElement).toBe(find('.jp-mod-accept')));
  await drawn(node, false);
  form.why = 'Nothing is free.';
  form.changed.emit();
  await vi.waitFor(() => expect(document.activeElement).toBe(find('.jp-mod-reject')));
  cancel();
  expect(await answer).toBeNull();
});

test('Enter in a field submits a form, and on a box does not', async () => {
  const { form, node, answer, cancel } = open();
  await drawn(node, false);
  press(node.querySelector('input[type="checkbox"]')!, 'Enter');
  expect(form.sent).toBe(0);
  press(node.querySelector('input[type="text"]')!, 'Enter');
  expect(form.sent).toBe(1);
  form.answer(null);
  cancel();
  expect(await answer).toBeNull();
});

function press(target: Element, key: string): void {
  (target as HTMLElement).focus();
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}
