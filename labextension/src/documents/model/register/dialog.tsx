import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import * as React from 'react';

import type { IModelVersion } from '../../../api/registrytypes';
import { ErrorBoundary } from '../../../components/ErrorBoundary';
import type { ITracksideModel } from '../../../tokens';
import { RegisterModel } from './model';
import { RegisterForm } from './RegisterForm';

/** Ask what of a run is registered; gives the version, or nothing when that was called off. */
export async function openRegisterDialog(
  tracks: ITracksideModel,
  runId: string
): Promise<IModelVersion | null> {
  const { trans } = tracks;
  const register = new RegisterModel(tracks, runId);
  const body = ReactWidget.create(
    <ErrorBoundary trans={trans}>
      <RegisterForm register={register} />
    </ErrorBoundary>
  );
  body.addClass('jp-TracksideLaunch-body');
  // Disposed of at the end.
  // eslint-disable-next-line jupyter/require-disposable-ownership
  const dialog = new RegisterDialog(register, {
    title: trans.__('Register a model'),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Register') })
    ],
    focusNodeSelector: 'input'
  });
  try {
    await dialog.launch();
    return register.registered;
  } finally {
    dialog.dispose();
  }
}

/** A dialog that closes when the model is registered, and stays open with the reason when it is not. */
class RegisterDialog extends Dialog<unknown> {
  constructor(
    private readonly register: RegisterModel,
    private readonly setup: Partial<Dialog.IOptions<unknown>>
  ) {
    super(setup);
    this.addClass('jp-TracksideLaunchDialog');
    register.changed.connect(this.onChanged, this);
    this.onChanged();
  }

  override resolve(index?: number): void {
    const { buttons = [] } = this.setup;
    const at = index ?? buttons.length - 1;
    if (!buttons[at]?.accept) {
      void this.underway.then(() => super.resolve(at));
      return;
    }
    this.underway = this.register.submit().then(isDone => {
      if (isDone) {
        super.resolve(at);
      }
    });
  }

  // What is being registered is not called off: the dialog closes when it is known what came of it.
  override reject(): void {
    void this.underway.then(() => super.reject());
  }

  // Enter in the text of more than one line is for that text, and on a list for that list.
  protected override _evtKeydown(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const isForControl =
      event.key === 'Enter' &&
      target.closest('.jp-TracksideRegister') !== null &&
      !(target instanceof HTMLInputElement);
    if (!isForControl) {
      super._evtKeydown(event);
    }
  }

  private onChanged(): void {
    const accept = this.node.querySelector<HTMLButtonElement>('.jp-mod-accept');
    if (accept) {
      accept.disabled = !this.register.isReady;
    }
    const input = this.node.querySelector<HTMLInputElement>('.jp-TracksideRegister input');
    if (input === null) {
      // The form comes when it is known what can be registered.
      requestAnimationFrame(() =>
        this.node.querySelector<HTMLInputElement>('.jp-TracksideRegister input')?.focus()
      );
    }
  }

  private underway: Promise<void> = Promise.resolve();
}
