import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { IStateDB } from '@jupyterlab/statedb';
import * as React from 'react';

import { ErrorBoundary } from '../components/ErrorBoundary';
import { attempt } from '../components/notices';
import { SubmitDialog } from '../components/submitdialog';
import { type ILaunchForm, toRemember } from './form';
import { LaunchForm } from './LaunchForm';
import { type ILaunchOptions, LaunchModel } from './model';

/** What the dialog needs to know. */
export interface ILaunchDialogOptions extends ILaunchOptions {
  title: string;
  /** Paths to choose from, when there is a choice. */
  paths: readonly string[] | null;
  /** Where choices are remembered. */
  stateDB: IStateDB | null;
}

/** Ask what to train and how, and start it. Resolves when the dialog is closed. */
export async function openLaunchDialog(options: ILaunchDialogOptions): Promise<void> {
  const { model, stateDB, paths } = options;
  const key = `trackside:launch:${options.target.kind}:${options.target.path}`;
  // What recurs has its own settings.
  const remembered = options.replaces
    ? undefined
    : ((await stateDB?.fetch(key)) as Partial<ILaunchForm> | undefined);
  const launch = new LaunchModel({ ...options, form: { ...remembered, ...options.form } });
  const body = ReactWidget.create(
    <ErrorBoundary trans={model.trans}>
      <LaunchForm launch={launch} paths={paths} />
    </ErrorBoundary>
  );
  body.addClass('jp-TracksideLaunch-body');
  // Disposes of itself when it was answered.
  // eslint-disable-next-line jupyter/require-disposable-ownership
  const dialog = new LaunchDialog(launch, {
    title: options.title,
    body,
    buttons: [
      Dialog.cancelButton({ label: model.trans.__('Cancel') }),
      Dialog.okButton({ label: submitLabel(launch) })
    ],
    // Where nothing has to be filled in, Enter starts the job at once.
    focusNodeSelector: paths ? 'input' : ''
  });
  // What becomes of it after it was closed is told.
  const answer = await attempt(model.trans, () => dialog.ask());
  if (answer && !options.replaces) {
    await stateDB?.save(key, JSON.parse(JSON.stringify(toRemember(launch.form))));
  }
}

function submitLabel({ when, model: { trans } }: LaunchModel): string {
  if (when?.replaces) {
    return trans.__('Save');
  }
  return when?.recurrence ? trans.__('Schedule') : trans.__('Train');
}

/** Says what its button does, and why it cannot. */
class LaunchDialog extends SubmitDialog<boolean> {
  constructor(
    private readonly launchModel: LaunchModel,
    setup: Partial<Dialog.IOptions<unknown>> & { title: string }
  ) {
    super(launchModel, setup);
    this.why.className = 'jp-TracksideLaunchDialog-why';
    this.why.setAttribute('role', 'status');
    this.node.querySelector('.jp-mod-accept')?.parentElement?.prepend(this.why);
    launchModel.changed.connect(this.showButton, this);
    this.showButton();
  }

  /** The button says what it does; why it cannot stands beside it. */
  private showButton(): void {
    const [first] = this.launchModel.blockers;
    const text = first?.message ?? '';
    if (this.why.textContent !== text) {
      this.why.textContent = text;
    }
    for (const button of this.node.querySelectorAll<HTMLButtonElement>('.jp-mod-accept')) {
      button.disabled = first !== undefined;
      const label = submitLabel(this.launchModel);
      const shown = button.querySelector('.jp-Dialog-buttonLabel');
      if (shown && shown.textContent !== label) {
        shown.textContent = label;
        shown.setAttribute('aria-label', label);
      }
    }
  }

  private readonly why = document.createElement('span');
}
