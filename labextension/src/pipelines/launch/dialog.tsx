import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import * as React from 'react';

import type { IRecurringRun, IRunRecord } from '../../api/pipelinerecords';
import { ErrorBoundary } from '../../components/ErrorBoundary';
import { type IAnswer, SubmitDialog } from '../../components/submitdialog';
import { type IRunOptions, RunFormModel } from './model';
import { RunForm } from './RunForm';

/** Ask for the arguments of a pipeline and run it; gives what was started, if anything. */
export async function openRunDialog(
  options: IRunOptions
): Promise<IAnswer<IRunRecord | IRecurringRun> | null> {
  const { trans } = options.tracks;
  const model = new RunFormModel(options);
  const body = ReactWidget.create(
    <ErrorBoundary trans={trans}>
      <RunForm model={model} />
    </ErrorBoundary>
  );
  body.addClass('jp-TracksideLaunch-body');
  // Disposes of itself when it was answered.
  // eslint-disable-next-line jupyter/require-disposable-ownership
  const dialog = new SubmitDialog(model, {
    title: options.replaces
      ? trans.__('Edit %1', options.title)
      : trans.__('Run %1', options.title),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: options.replaces ? trans.__('Save') : trans.__('Run') })
    ],
    // Where nothing has to be filled in, Enter starts it at once.
    focusNodeSelector: model.args.length ? 'input, select, textarea' : ''
  });
  return dialog.ask();
}
