import * as React from 'react';

import { useSignal } from '../../components/hooks';
import { Field } from '../../launch/Field';
import { Select } from '../../launch/Select';
import { WhenFields } from '../../launch/WhenFields';
import { ArgumentField } from './ArgumentField';
import type { RunFormModel } from './model';
import { PythonField } from './PythonField';

/** What a pipeline takes, typed as it says, and how it is run. */
export function RunForm(props: { model: RunFormModel }): React.ReactElement {
  const { model } = props;
  useSignal(model.changed);
  const { form, trans, args, versions, options } = model;
  const listId = React.useId();
  return (
    <div className="jp-TracksideLaunch jp-TracksideRunForm">
      {options.replaces?.problem && (
        <p className="jp-TracksideNotice jp-mod-alert">{options.replaces.problem}</p>
      )}
      <fieldset disabled={model.isSending}>
        {versions.length > 0 && (
          <Select
            label={trans.__('Version')}
            value={model.version}
            onChange={version => model.choose(version)}
            choices={versions.map(one => ({ value: one.version_id, label: one.name }))}
          />
        )}
        {args.length === 0 && <small>{trans.__('This pipeline takes no arguments.')}</small>}
        {args.map(argument => (
          <ArgumentField key={argument.name} model={model} argument={argument} />
        ))}
        <div className="jp-TracksideLaunch-row">
          <Field
            label={trans.__('Experiment')}
            list={listId}
            value={form.experiment}
            onChange={experiment => model.setForm({ experiment })}
          />
          <Field
            label={trans.__('Name')}
            placeholder={options.title}
            value={form.name}
            onChange={name => model.setForm({ name })}
          />
          <datalist id={listId}>
            {model.experiments.map(({ experiment_id, name }) => (
              <option key={experiment_id} value={name} />
            ))}
          </datalist>
        </div>
        {(model.cluster || form.on !== 'auto') && (
          <Select
            label={trans.__('Where')}
            value={form.on}
            onChange={on => model.setForm({ on })}
            choices={[
              { value: 'auto', label: trans.__('each task where it can run') },
              { value: 'local', label: trans.__('this machine') },
              {
                value: 'cluster',
                label: model.cluster?.namespace
                  ? trans.__('cluster %1', model.cluster.namespace)
                  : trans.__('cluster')
              }
            ]}
          />
        )}
        <PythonField model={model} />
        {/* There, each task says for itself. */}
        {model.place === 'here' && (
          <label className="jp-TracksideImport-check">
            <input
              type="checkbox"
              checked={form.useCache}
              onChange={event => model.setForm({ useCache: event.target.checked })}
            />
            {trans.__('Take the outputs of equal tasks from the cache')}
          </label>
        )}
        <WhenFields
          when={model.when}
          catchUpLabel={
            model.place === 'here'
              ? trans.__('Start all that was due while the server was away, not only the last')
              : trans.__('Start all that was due while it was off, not only the last')
          }
          note={
            model.place === 'here' &&
            trans.__(
              'Runs start while this Jupyter server runs. Where it is often away, send the pipeline to a Kubeflow Pipelines server.'
            )
          }
          trans={trans}
        />
      </fieldset>
      <div role="alert">
        {model.error && <p className="jp-TracksideNotice jp-mod-alert">{model.error}</p>}
      </div>
    </div>
  );
}
