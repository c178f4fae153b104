import * as React from 'react';

import { useSignal } from '../components/hooks';
import { Field } from './Field';
import type { FormField, ILaunchForm } from './form';
import type { LaunchModel } from './model';
import { Params } from './Params';
import { Travels } from './Travels';
import { freeText, mistakeText } from './words';

/** The form of one screen. */
export function LaunchForm(props: {
  launch: LaunchModel;
  /** Paths to choose from, when there is a choice. */
  paths: readonly string[] | null;
}): React.ReactElement {
  const { launch, paths } = props;
  useSignal(launch.changed);
  const { form, target, runner, mistakes } = launch;
  const { trans } = launch.model;
  const listId = React.useId();
  const mistake = (field: FormField): string | undefined => {
    const found = mistakes.get(field);
    return found && mistakeText(found, runner, trans);
  };
  const bind = (
    field: Exclude<keyof ILaunchForm, 'params'>
  ): { value: string; onChange: (value: string) => void; mistake?: string } => ({
    value: form[field],
    onChange: value => launch.setForm({ [field]: value }),
    mistake: mistake(field)
  });
  const isMoreWrong = ['timeLimit', 'retries', 'env', 'files'].some(field =>
    mistakes.has(field as FormField)
  );
  const [isMore, setMore] = React.useState(
    Boolean(form.timeLimit || form.retries || form.env || form.files)
  );
  const hasGpus = runner !== null && runner.gpus.length > 0;

  return (
    <div className="jp-TracksideLaunch">
      {paths && (
        <>
          <Field
            label={trans.__('Notebook or script')}
            placeholder={trans.__('train.py')}
            list={listId}
            {...bind('path')}
          />
          <datalist id={listId}>
            {paths.map(path => (
              <option key={path} value={path} />
            ))}
          </datalist>
        </>
      )}
      <Params
        rows={form.params}
        target={target}
        mistake={mistake('params')}
        onChange={params => launch.setForm({ params })}
        trans={trans}
      />
      <fieldset className="jp-TracksideLaunch-where">
        <legend>{trans.__('Where')}</legend>
        <small>{runner ? `${runner.label}: ${freeText(runner, trans)}` : '\u00a0'}</small>
        <div className="jp-TracksideLaunch-row">
          <Field label={trans.__('CPUs')} placeholder={trans.__('any')} {...bind('cpus')} />
          <Field
            label={trans.__('Memory limit')}
            placeholder={trans.__('none')}
            {...bind('memory')}
          />
          {(hasGpus || form.gpus !== '') && (
            <Field label={trans.__('GPUs')} placeholder="0" {...bind('gpus')} />
          )}
        </div>
      </fieldset>
      <div className="jp-TracksideLaunch-row">
        <Field
          label={trans.__('Experiment')}
          placeholder={stem(form.path)}
          {...bind('experiment')}
        />
        <Field
          label={trans.__('Name')}
          placeholder={trans.__('numbered by itself')}
          {...bind('name')}
        />
      </div>
      <details open={isMore || isMoreWrong} onToggle={event => setMore(event.currentTarget.open)}>
        <summary>{trans.__('More: time limit, retries, environment, files')}</summary>
        <div className="jp-TracksideLaunch-row">
          <Field
            label={trans.__('Time limit')}
            placeholder={trans.__('none, or 2h')}
            {...bind('timeLimit')}
          />
          <Field label={trans.__('Retries')} placeholder="0" {...bind('retries')} />
        </div>
        <Field
          label={trans.__('Environment variables')}
          rows={2}
          placeholder={trans.__('NAME=value')}
          hint={trans.__('They are not remembered.')}
          {...bind('env')}
        />
        <Field
          label={trans.__('Files to take along')}
          rows={2}
          placeholder={trans.__('data.csv')}
          hint={trans.__('One path a line, relative to the notebook or script.')}
          {...bind('files')}
        />
      </details>
      <Travels preview={launch.preview} error={launch.previewError} target={target} trans={trans} />
      <div role="alert">
        {launch.error && <p className="jp-TracksideNotice jp-mod-alert">{launch.error}</p>}
      </div>
    </div>
  );
}

function stem(path: string): string {
  return (path.split('/').pop() ?? '').replace(/\.\w+$/, '');
}
