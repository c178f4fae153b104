import * as React from 'react';

import type { IRecurringRun, IRunRecord } from '../../api/pipelinerecords';
import { askForm, type IAnswer } from '../../components/submitdialog';
import { type IRunOptions, RunFormModel } from './model';
import { RunForm } from './RunForm';

/** Ask for the arguments of a pipeline and run it; gives what was started, if anything. */
export function openRunDialog(
  options: IRunOptions
): Promise<IAnswer<IRunRecord | IRecurringRun> | null> {
  const { trans } = options.tracks;
  const model = new RunFormModel(options);
  return askForm({
    trans,
    title: options.replaces
      ? trans.__('Edit %1', options.title)
      : trans.__('Run %1', options.title),
    form: model,
    content: <RunForm model={model} />,
    accept: () => ({ label: options.replaces ? trans.__('Save') : trans.__('Run') }),
    // Where nothing has to be filled in, Enter starts it at once.
    focus: model.args.length ? 'input, select, textarea' : ''
  });
}
