import * as React from 'react';

import type { ArtifactsChoice } from '../api/transfers';
import { useSignal } from '../components/hooks';
import { Field } from '../launch/Field';
import { doorOf, type IImportForm, type ImportModel } from './model';
import { ImportResult } from './ImportResult';

/** Asks where from, and shows what comes of it. */
export function ImportForm(props: { model: ImportModel }): React.ReactElement {
  const { model } = props;
  useSignal(model.changed);
  const { form, trans, isBusy } = model;
  const bind = (
    field: 'source' | 'artifactRoot' | 'prefix' | 'token' | 'username'
  ): { value: string; onChange: (value: string) => void } => ({
    value: form[field],
    onChange: value => model.setForm({ [field]: value } as Partial<IImportForm>)
  });
  const door = doorOf(form.source);
  const password = React.useId();
  const choices: [ArtifactsChoice, string][] = [
    ['copy', trans.__('Copy them')],
    ['reference', trans.__('Leave them where they are, and read them there')],
    ['none', trans.__('Leave them out')]
  ];
  return (
    <div className="jp-TracksideLaunch jp-TracksideImport">
      <fieldset disabled={isBusy}>
        <Field
          label={trans.__('From')}
          placeholder={trans.__('/home/me/mlruns, …/mlflow.db, or https://mlflow.example.org')}
          hint={trans.__(
            'An mlruns folder, a database (SQLite or PostgreSQL) or a running MLflow server.'
          )}
          {...bind('source')}
        />
        {door === 'account' && (
          <div className="jp-TracksideLaunch-row">
            <Field label={trans.__('Token')} {...bind('token')} />
            <Field label={trans.__('User name')} {...bind('username')} />
          </div>
        )}
        {door !== 'none' && (
          <label className="jp-TracksideField" htmlFor={password}>
            <span>{trans.__('Password')}</span>
            <input
              id={password}
              className="jp-TracksideInput"
              type="password"
              autoComplete="off"
              value={form.password}
              onChange={event => model.setForm({ password: event.target.value })}
            />
            <small>{trans.__('Used for this import only; never stored.')}</small>
          </label>
        )}
        <label className="jp-TracksideField">
          <span>{trans.__('Files')}</span>
          <select
            className="jp-TracksideSelect"
            value={form.artifacts}
            onChange={event => model.setForm({ artifacts: event.target.value as ArtifactsChoice })}
          >
            {choices.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <details>
          <summary>{trans.__('More: another folder of files, a prefix')}</summary>
          <Field
            label={trans.__('Further folder of files')}
            placeholder={trans.__('/srv/mlflow/artifacts')}
            hint={trans.__('Where the MLflow server kept artifacts, if that is elsewhere.')}
            {...bind('artifactRoot')}
          />
          <Field
            label={trans.__('Prefix')}
            placeholder={trans.__('old/')}
            hint={trans.__(
              'Stands before the names; without one, things join those of the same name.'
            )}
            {...bind('prefix')}
          />
        </details>
        <label className="jp-TracksideImport-check">
          <input
            type="checkbox"
            checked={form.dryRun}
            onChange={event => model.setForm({ dryRun: event.target.checked })}
          />
          {trans.__('Only tell what would come')}
        </label>
      </fieldset>
      {model.found && <ImportResult model={model} found={model.found} />}
      <div role="alert">
        {[model.error, model.stopError].filter(Boolean).map(problem => (
          <p key={problem} className="jp-TracksideNotice jp-mod-alert">
            {problem}
          </p>
        ))}
      </div>
    </div>
  );
}
