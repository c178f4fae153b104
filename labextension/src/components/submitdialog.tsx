import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import * as React from 'react';

import { ErrorBoundary } from './ErrorBoundary';
import { useSignal } from './hooks';

/** What is filled in. */
export interface ISubmitted<T> extends IDisposable {
  /** Emitted when it changed. */
  readonly changed: ISignal<unknown, void>;
  /** Why it was not heeded the last time, where that did not show in what was filled in. */
  readonly error: string;
  /** Heed what was filled in; gives nothing where something is wrong, which the form says. */
  submit(): Promise<T | null>;
}

/** What became of a form. */
export interface IAnswer<T> {
  outcome: T;
  /** Whether the form was closed before this was known, so that nobody waits for it. */
  isLate: boolean;
}

/** How the button is shown that submits a form. */
export interface IAccept {
  label: string;
  isDisabled?: boolean;
  /** Why it cannot be pressed, or nothing; absent where the form says so itself. */
  why?: string;
}

/** What a dialog needs to know of its form. */
export interface IFormOptions<T> {
  trans: TranslationBundle;
  title: string;
  form: ISubmitted<T>;
  /** What the form looks like. */
  content: React.ReactElement;
  /** Tells how the button is shown that submits it, as the form is then. */
  accept: () => IAccept;
  /** What the button says that closes it; *Cancel*, unless told. */
  close?: string;
  /** What has the focus at first; nothing for the button that submits it. */
  focus: string;
}

/** Show a form in a dialog until it is closed; gives what came of it, if anything. */
export function askForm<T>(options: IFormOptions<T>): Promise<IAnswer<T> | null> {
  // Disposes of itself when it was answered.
  // eslint-disable-next-line jupyter/require-disposable-ownership
  return new SubmitDialog(options).ask();
}

const CLOSE = 0;
const ACCEPT = 1;
const INVALID = '[aria-invalid="true"]';

/** A dialog that owns its form, closes when that was heeded, and stays open with the reason when it was not. */
export class SubmitDialog<T> extends Dialog<unknown> {
  constructor(private readonly options: IFormOptions<T>) {
    const { trans, title, form, content, accept, close = trans.__('Cancel'), focus } = options;
    const refused = new Signal<ISubmitted<T>, void>(form);
    const body = ReactWidget.create(
      <ErrorBoundary trans={trans}>
        <Drawn signals={[form.changed, refused]} onDrawn={() => this.keepFocus()}>
          {content}
        </Drawn>
      </ErrorBoundary>
    );
    body.addClass('jp-TracksideLaunch-body');
    super({
      title,
      body,
      buttons: [Dialog.cancelButton({ label: close }), Dialog.okButton({ label: accept().label })],
      focusNodeSelector: focus
    });
    this.refused = refused;
    this.addClass('jp-TracksideLaunchDialog');
    this.why.className = 'jp-TracksideLaunchDialog-why';
    this.why.setAttribute('role', 'status');
    // What is said in it is read aloud only where it was there before.
    if (accept().why !== undefined) {
      this.node.querySelector('.jp-mod-accept')?.parentElement?.prepend(this.why);
    }
    form.changed.connect(this.showAccept, this);
    this.showAccept();
    void this.ready.then(() => this.keepFocus());
  }

  /**
   * Show it until it is closed. What is on its way by then goes on: what comes of that is given when it is known,
   * and thrown where it failed.
   */
  async ask(): Promise<IAnswer<T> | null> {
    try {
      const { button } = await this.launch();
      const isLate = this.left !== null;
      const outcome = await (this.left ?? this.outcome);
      const { form, title } = this.options;
      if (isLate && !outcome && form.error) {
        throw new Error(`${title}: ${form.error}`);
      }
      return outcome && (isLate || button.accept) ? { outcome, isLate } : null;
    } finally {
      this.dispose();
    }
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.left = this.sending;
      this.options.form.dispose();
      super.dispose();
    }
  }

  override resolve(index = ACCEPT): void {
    if (index === CLOSE) {
      super.resolve(index);
      return;
    }
    if (!this.sending) {
      const { activeElement } = document;
      this.before = this.isFocused(activeElement) ? activeElement : null;
      this.sending = this.options.form.submit();
      void this.sending.then(outcome => {
        this.sending = null;
        this.outcome = outcome;
        if (outcome) {
          super.resolve(index);
        } else {
          this.isRefused = true;
          this.refused.emit();
        }
      });
    }
  }

  // Enter on a control inside of the form is for that control.
  protected override _evtKeydown(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const isForControl =
      event.key === 'Enter' &&
      target.closest('.jp-TracksideLaunch') !== null &&
      !(target instanceof HTMLInputElement && target.type !== 'checkbox');
    if (!isForControl) {
      super._evtKeydown(event);
    }
  }

  /** The button says what it does; why it cannot stands beside it. */
  private showAccept(): void {
    const { label, isDisabled = false, why = '' } = this.options.accept();
    if (this.why.textContent !== why) {
      this.why.textContent = why;
    }
    for (const button of this.node.querySelectorAll<HTMLButtonElement>('.jp-mod-accept')) {
      button.disabled = isDisabled;
      const shown = button.querySelector('.jp-Dialog-buttonLabel');
      if (shown && shown.textContent !== label) {
        shown.textContent = label;
        shown.setAttribute('aria-label', label);
      }
    }
  }

  /**
   * Have the focus in the dialog, also where what had it was disabled or is gone: no key would reach it otherwise.
   * While it is sent that is not the button that closes it, which Enter would press when it is held or pressed twice.
   */
  private keepFocus(): void {
    if (!this.isAttached) {
      return;
    }
    if (this.isRefused) {
      // What is wrong is drawn by now.
      this.isRefused = false;
      this.node.querySelector<HTMLElement>(INVALID)?.focus();
    }
    if (this.isFocused(document.activeElement)) {
      return;
    }
    const [frame, close, invalid] = ['.jp-Dialog-content', '.jp-mod-reject', INVALID].map(
      selector => this.node.querySelector<HTMLElement>(selector)
    );
    if (this.sending) {
      frame!.tabIndex = -1;
      frame!.focus();
      return;
    }
    for (const one of [invalid, this.before, close]) {
      one?.focus();
      if (this.isFocused(document.activeElement)) {
        return;
      }
    }
  }

  /** Whether something has the focus, or had it, from which one gets on by keyboard. */
  private isFocused(active: Element | null): active is HTMLElement {
    return (
      active instanceof HTMLElement &&
      this.node.contains(active) &&
      !active.matches('.jp-Dialog-content, :disabled')
    );
  }

  private readonly why = document.createElement('span');
  /** Emitted when it was sent and not heeded. */
  private readonly refused: Signal<ISubmitted<T>, void>;
  /** Whether it was sent and not heeded, and not drawn since. */
  private isRefused = false;
  private outcome: T | null = null;
  /** What had the focus when it was sent. */
  private before: HTMLElement | null = null;
  /** What is on its way. */
  private sending: Promise<T | null> | null = null;
  /** What was on its way when it was closed. */
  private left: Promise<T | null> | null = null;
}

/** Says when what is shown was drawn, also after one of two signals. */
function Drawn(props: {
  signals: readonly [ISignal<unknown, void>, ISignal<unknown, void>];
  onDrawn: () => void;
  children: React.ReactNode;
}): React.ReactElement {
  const { signals, onDrawn, children } = props;
  useSignal(signals[0]);
  useSignal(signals[1]);
  React.useEffect(onDrawn);
  return <>{children}</>;
}
