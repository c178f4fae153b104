import * as React from 'react';

import { useSignal } from '../../components/hooks';
import { Field } from '../../launch/Field';
import { ArgumentField } from '../launch/ArgumentField';
import type { SendModel } from './model';

/** Under which name a pipeline is sent to a KFP server, and whether it is run there. */
export function SendForm(props: { model: SendModel }): React.ReactElement {
  const { model } = props;
  useSignal(model.changed);
  const { trans, run, options } = model;
  const { host } = options.tracks.kfp.status;
  return (
    <div className="jp-TracksideLaunch jp-TracksideRunForm">
      <fieldset disabled={model.isSending}>
        <Field
          label={trans.__('Name')}
          placeholder={options.title}
          value={model.name}
          onChange={name => model.setName(name)}
          hint={
            model.isKnown === null
              ? undefined
              : model.isKnown
                ? trans.__('%1 has a pipeline of this name: it gets a new version.', host)
                : trans.__('It becomes a new pipeline on %1.', host)
          }
        />
        {model.isKnown && (
          <Field
            label={trans.__('Name of the version')}
            placeholder={trans.__('named after the moment')}
            value={model.version}
            onChange={version => model.set({ version })}
          />
        )}
        <label className="jp-TracksideImport-check">
          <input
            type="checkbox"
            checked={model.isRun}
            onChange={event => model.set({ isRun: event.target.checked })}
          />
          {trans.__('Run it there now')}
        </label>
        {model.isRun && run.args.length === 0 && (
          <small>{trans.__('This pipeline takes no arguments.')}</small>
        )}
        {model.isRun &&
          run.args.map(argument => (
            <ArgumentField key={argument.name} model={run} argument={argument} />
          ))}
      </fieldset>
      <div role="alert">
        {model.error && <p className="jp-TracksideNotice jp-mod-alert">{model.error}</p>}
      </div>
    </div>
  );
}
