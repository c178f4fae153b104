import * as React from 'react';

import type { Stage } from '../../../api/registrytypes';
import { useSignal } from '../../../components/hooks';
import { EmptyState } from '../../../components/EmptyState';
import { Skeleton } from '../../../components/Skeleton';
import { Field } from '../../../launch/Field';
import { STAGES, stageName } from '../../../shared/board';
import { Problem } from '../useAct';
import { isAlias, isName, type RegisterModel } from './model';

const EXAMPLE = 'mlflow.sklearn.log_model(model, name="model", input_example=X[:2])';

/** Asks which model of a run is registered, and under which name. */
export function RegisterForm(props: { register: RegisterModel }): JSX.Element {
  const { register } = props;
  const { form, sources, names, error, isBusy, registered, progress } = register;
  const { trans } = register.tracks;
  useSignal(register.changed);
  const list = React.useId();
  const fields = React.useRef<HTMLFieldSetElement>(null);
  // The form comes when it is known what can be registered.
  React.useEffect(() => fields.current?.querySelector('input')?.focus(), [sources]);
  if (sources === null) {
    return error ? <Problem text={error} /> : <Skeleton rows={4} />;
  }
  if (sources.length === 0) {
    return (
      <EmptyState
        sentence={trans.__('This run logged no model. In its code, add:')}
        code={EXAMPLE}
        trans={trans}
      />
    );
  }
  const isKnown = names.includes(form.name.trim());
  // What is registered already is no longer a matter of this form.
  const isMade = registered !== null;
  const isPromoted = form.stage !== 'None' || form.alias.trim() !== '';
  return (
    <div className="jp-TracksideLaunch jp-TracksideRegister">
      <fieldset ref={fields} disabled={isBusy}>
        <Field
          label={trans.__('Name')}
          placeholder={trans.__('digits')}
          list={list}
          disabled={isMade}
          hint={
            form.name.trim() === ''
              ? trans.__('A new name, or one that is there: then it gets a new version.')
              : isKnown
                ? trans.__('The next version of %1.', form.name.trim())
                : trans.__('A new registered model.')
          }
          mistake={
            isName(form.name)
              ? undefined
              : trans.__('A name without “/” and “:”, and without “..” in front.')
          }
          value={form.name}
          onChange={name => register.set({ name })}
        />
        <datalist id={list}>
          {names.map(name => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <label className="jp-TracksideField">
          <span>{trans.__('Model of the run')}</span>
          <select
            className="jp-TracksideSelect"
            value={form.source}
            disabled={isMade}
            onChange={event => register.set({ source: event.target.value })}
          >
            {sources.map(({ label, source, modelId }) => (
              <option key={source} value={source}>
                {modelId ? trans.__('%1 (logged model)', label) : label}
              </option>
            ))}
          </select>
        </label>
        <div className="jp-TracksideLaunch-row">
          <label className="jp-TracksideField">
            <span>{trans.__('Stage')}</span>
            <select
              className="jp-TracksideSelect"
              value={form.stage}
              onChange={event => register.set({ stage: event.target.value as Stage })}
            >
              {STAGES.map(stage => (
                <option key={stage} value={stage}>
                  {stageName(stage, trans)}
                </option>
              ))}
            </select>
          </label>
          <Field
            label={trans.__('Alias')}
            placeholder={trans.__('champion')}
            mistake={
              isAlias(form.alias)
                ? undefined
                : trans.__('Letters, digits, “_” and “-”; not “latest”, and no “v” with a number.')
            }
            value={form.alias}
            onChange={alias => register.set({ alias })}
          />
        </div>
        {isPromoted && (
          <Field
            label={trans.__('Reason')}
            placeholder={trans.__('Why? For example: 3 % better on last week')}
            value={form.reason}
            onChange={reason => register.set({ reason })}
          />
        )}
        <Field
          label={trans.__('Description')}
          rows={3}
          disabled={isMade}
          placeholder={trans.__('What is new in this version, in Markdown')}
          value={form.description}
          onChange={description => register.set({ description })}
        />
      </fieldset>
      {progress && <p>{progress}</p>}
      <Problem text={error} />
    </div>
  );
}
