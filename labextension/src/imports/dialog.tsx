import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import * as React from 'react';

import { ErrorBoundary } from '../components/ErrorBoundary';
import { ImportForm } from './ImportForm';
import type { ImportModel } from './model';

/** Ask where to import from, and show what comes. The import goes on when the dialog is closed. */
export async function openImportDialog(model: ImportModel): Promise<void> {
  const { trans } = model;
  const body = ReactWidget.create(
    <ErrorBoundary trans={trans}>
      <ImportForm model={model} />
    </ErrorBoundary>
  );
  body.addClass('jp-TracksideLaunch-body');
  // Disposed of at the end.
  // eslint-disable-next-line jupyter/require-disposable-ownership
  const dialog = new ImportDialog(model, {
    title: trans.__('Import from MLflow'),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Close') }),
      Dialog.okButton({ label: trans.__('Import') })
    ],
    focusNodeSelector: 'input'
  });
  try {
    void model.join();
    await dialog.launch();
  } finally {
    dialog.dispose();
    model.dispose();
  }
}

/** A dialog that stays open to show what comes. */
class ImportDialog extends Dialog<unknown> {
  constructor(
    private readonly importModel: ImportModel,
    private readonly setup: Partial<Dialog.IOptions<unknown>>
  ) {
    super(setup);
    this.addClass('jp-TracksideLaunchDialog');
  }

  override resolve(index?: number): void {
    const { buttons = [] } = this.setup;
    const at = index ?? buttons.length - 1;
    if (buttons[at]?.accept) {
      void this.importModel.begin();
    } else {
      super.resolve(at);
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
}
