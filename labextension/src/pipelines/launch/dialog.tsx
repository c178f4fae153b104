import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import * as React from 'react';

import type { IRecurringRun, IRunRecord } from '../../api/pipelinerecords';
import { ErrorBoundary } from '../../components/ErrorBoundary';
import { type IRunOptions, RunFormModel } from './model';
import { RunForm } from './RunForm';

/** Ask for the arguments of a pipeline and run it; gives what was started, if anything. */
export async function openRunDialog(
  options: IRunOptions
): Promise<IRunRecord | IRecurringRun | null> {
  const { trans } = options.tracks;
  const model = new RunFormModel(options);
  const body = ReactWidget.create(
    <ErrorBoundary trans={trans}>
      <RunForm model={model} />
    </ErrorBoundary>
  );
  body.addClass('jp-TracksideLaunch-body');
  // Disposed of at the end.
  // eslint-disable-next-line jupyter/require-disposable-ownership
  const dialog = new RunDialog(model, {
    title: trans.__('Run %1', options.title),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Run') })
    ],
    // Where nothing has to be filled in, Enter starts it at once.
    focusNodeSelector: model.args.length ? 'input, select, textarea' : ''
  });
  try {
    await dialog.launch();
    return dialog.started;
  } finally {
    dialog.dispose();
    model.dispose();
  }
}

/** A dialog that closes when the run was started, and stays open with the reason when it was not. */
class RunDialog extends Dialog<unknown> {
  constructor(
    private readonly runModel: RunFormModel,
    private readonly setup: Partial<Dialog.IOptions<unknown>>
  ) {
    super(setup);
    this.addClass('jp-TracksideLaunchDialog');
  }

  /** What was started. */
  started: IRunRecord | IRecurringRun | null = null;

  override resolve(index?: number): void {
    const { buttons = [] } = this.setup;
    const at = index ?? buttons.length - 1;
    if (!buttons[at]?.accept) {
      super.resolve(at);
      return;
    }
    void this.runModel.submit().then(started => {
      if (started) {
        this.started = started;
        super.resolve(at);
      } else {
        this.node.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
      }
    });
  }

  // Enter on a control inside of the form is for that control.
  protected override _evtKeydown(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const isForControl =
      event.key === 'Enter' &&
      target.closest('.jp-TracksideLaunch') !== null &&
      !(target instanceof HTMLInputElement);
    if (!isForControl) {
      super._evtKeydown(event);
    }
  }
}
