import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { useSignal } from '../components/hooks';
import { missedLines, missedText } from '../pipelines/words';
import { moment } from '../shared/format';
import { Field } from './Field';
import { Select } from './Select';
import type { IWhen, When, WhenModel } from './when';

/** Whether it runs now or again and again, and when that would be. */
export function WhenFields(props: {
  when: WhenModel;
  /** What it means to start late all that was due. */
  catchUpLabel: string;
  /** Who starts the runs, and what there is where that is not enough. */
  note?: React.ReactNode;
  trans: TranslationBundle;
}): React.ReactElement {
  const { when: model, catchUpLabel, note, trans } = props;
  useSignal(model.changed);
  const { chosen, times, error, replaces } = model;
  const missed = replaces ? missedLines(replaces, trans) : [];
  return (
    <>
      <div className="jp-TracksideLaunch-row">
        <Select
          label={trans.__('When')}
          value={chosen.when}
          onChange={when => model.set({ when: when as When })}
          choices={[
            ...(replaces ? [] : [{ value: 'now', label: trans.__('Now') }]),
            { value: 'interval', label: trans.__('Again and again: every …') },
            { value: 'cron', label: trans.__('Again and again: by cron') }
          ]}
        />
        {chosen.when === 'interval' && (
          <>
            <Field
              label={trans.__('Every')}
              value={chosen.every}
              onChange={every => model.set({ every })}
              mistake={error || undefined}
            />
            <Select
              label={trans.__('Unit')}
              value={chosen.unit}
              onChange={unit => model.set({ unit: unit as IWhen['unit'] })}
              choices={[
                { value: 'minutes', label: trans.__('minutes') },
                { value: 'hours', label: trans.__('hours') },
                { value: 'days', label: trans.__('days') }
              ]}
            />
          </>
        )}
        {chosen.when === 'cron' && (
          <Field
            label={trans.__('Cron expression')}
            value={chosen.cron}
            onChange={cron => model.set({ cron })}
            hint={trans.__(
              'Minute, hour, day, month, day of the week; a sixth field in front is for seconds.'
            )}
            mistake={error || undefined}
          />
        )}
      </div>
      {chosen.when !== 'now' && (
        <>
          <small role="status">
            {times.length > 0 && trans.__('Next: %1', times.map(moment).join(' · '))}
          </small>
          {!replaces?.cronjob && (
            <label className="jp-TracksideImport-check">
              <input
                type="checkbox"
                checked={chosen.catchUp}
                onChange={event => model.set({ catchUp: event.target.checked })}
              />
              {catchUpLabel}
            </label>
          )}
          {note && <small>{note}</small>}
          {replaces && missed.length > 0 && (
            <details>
              <summary>{missedText(replaces, trans)}</summary>
              {missed.map(line => (
                <small key={line}>{line}</small>
              ))}
            </details>
          )}
        </>
      )}
    </>
  );
}
