import * as React from 'react';

import { Field } from '../../launch/Field';
import { Select } from '../../launch/Select';
import { moment } from '../../shared/format';
import type { IRunForm, RunFormModel, When } from './model';

/** Whether it runs now or again and again, and when that would be. */
export function WhenFields(props: { model: RunFormModel }): React.ReactElement {
  const { model } = props;
  const { form, trans, times, timesError } = model;
  return (
    <>
      <div className="jp-TracksideLaunch-row">
        <Select
          label={trans.__('When')}
          value={form.when}
          onChange={when => model.setForm({ when: when as When })}
          choices={[
            ...(model.options.replaces ? [] : [{ value: 'now', label: trans.__('Now') }]),
            { value: 'interval', label: trans.__('Again and again: every …') },
            { value: 'cron', label: trans.__('Again and again: by cron') }
          ]}
        />
        {form.when === 'interval' && (
          <>
            <Field
              label={trans.__('Every')}
              value={form.every}
              onChange={every => model.setForm({ every })}
              mistake={timesError || undefined}
            />
            <Select
              label={trans.__('Unit')}
              value={form.unit}
              onChange={unit => model.setForm({ unit: unit as IRunForm['unit'] })}
              choices={[
                { value: 'minutes', label: trans.__('minutes') },
                { value: 'hours', label: trans.__('hours') },
                { value: 'days', label: trans.__('days') }
              ]}
            />
          </>
        )}
        {form.when === 'cron' && (
          <Field
            label={trans.__('Cron expression')}
            value={form.cron}
            onChange={cron => model.setForm({ cron })}
            hint={trans.__('Six fields: second, minute, hour, day, month, day of the week.')}
            mistake={timesError || undefined}
          />
        )}
      </div>
      {form.when !== 'now' && (
        <>
          <small role="status">
            {times.length > 0 && trans.__('Next: %1', times.map(moment).join(' · '))}
          </small>
          <label className="jp-TracksideImport-check">
            <input
              type="checkbox"
              checked={form.catchUp}
              onChange={event => model.setForm({ catchUp: event.target.checked })}
            />
            {model.place === 'here'
              ? trans.__('Start late what was due while the server was away')
              : trans.__('Start late what was due while it was off')}
          </label>
          {model.place === 'here' && (
            <small>
              {trans.__(
                'Runs start while this Jupyter server runs. Where it is often away, send the pipeline to a Kubeflow Pipelines server.'
              )}
            </small>
          )}
        </>
      )}
    </>
  );
}
