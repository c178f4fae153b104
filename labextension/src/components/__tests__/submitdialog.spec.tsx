import { Signal } from '@lumino/signaling';
import * as React from 'react';
import { afterEach, expect, test } from 'vitest';

import { english } from '../../shared/trans';
import { SubmitDialog } from '../submitdialog';

/** A form that is heeded, or not, when the test says so. */
class Form {
  readonly changed = new Signal<this, void>(this);
  error = '';
  why = '';
  isDisposed = false;
  sent = 0;

  dispose(): void {
    this.isDisposed = true;
  }

  submit(): Promise<string | null> {
    this.sent += 1;
    return new Promise(resolve => {
      this.answer = (outcome, error = '') => {
        this.error = error;
        resolve(outcome);
      };
    });
  }

  answer: (outcome: string | null, error?: string) => void = () => undefined;
}

let dialog: SubmitDialog<string> | undefined;
afterEach(() => dialog?.dispose());

/** A form in its dialog, with what comes of it and how its buttons are pressed. */
function open() {
  const form = new Form();
  const shown = new SubmitDialog({
    trans: english,
    title: 'Run greet',
    form,
    content: <p>Name</p>,
    accept: () => ({
      label: form.why ? 'Wait' : 'Run',
      isDisabled: form.why !== '',
      why: form.why
    }),
    focus: ''
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
