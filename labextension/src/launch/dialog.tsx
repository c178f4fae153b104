import type { IStateDB } from '@jupyterlab/statedb';
import * as React from 'react';

import { attempt } from '../components/notices';
import { askForm, type IAccept } from '../components/submitdialog';
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
  // What becomes of it after it was closed is told.
  const answer = await attempt(model.trans, () =>
    askForm({
      trans: model.trans,
      title: options.title,
      form: launch,
      content: <LaunchForm launch={launch} paths={paths} />,
      accept: () => acceptOf(launch),
      // Where nothing has to be filled in, Enter starts the job at once.
      focus: paths && !options.replaces ? 'input' : ''
    })
  );
  if (answer && !options.replaces) {
    await stateDB?.save(key, JSON.parse(JSON.stringify(toRemember(launch.form))));
  }
}

/** What the button does, and why it cannot. */
function acceptOf(launch: LaunchModel): IAccept {
  const [first] = launch.blockers;
  return { label: labelOf(launch), isDisabled: first !== undefined, why: first?.message ?? '' };
}

function labelOf({ when, model: { trans } }: LaunchModel): string {
  if (when?.replaces) {
    return trans.__('Save');
  }
  return when?.recurrence ? trans.__('Schedule') : trans.__('Train');
}
