import * as React from 'react';

import type { PipelineState } from '../../api/pipelinetypes';
import { LIVE } from '../../models/pipelineruns';
import { FilterBox } from '../../panel/FilterBox';
import type { RunsDocumentModel } from './model';

/** The states that can be asked for, by name. */
const STATES: Record<string, readonly PipelineState[]> = {
  all: [],
  live: LIVE,
  succeeded: ['SUCCEEDED'],
  failed: ['FAILED'],
  canceled: ['CANCELED']
};

/** Which runs are listed: by name, state, pipeline and experiment. */
export function RunsBar(props: { document: RunsDocumentModel }): JSX.Element {
  const { document } = props;
  const { runs, pipelines, experiments, tracks } = document;
  const { trans } = tracks;
  const { asked } = runs;
  const words: Record<string, string> = {
    all: trans.__('All states'),
    live: trans.__('Not ended'),
    succeeded: trans.__('Succeeded'),
    failed: trans.__('Failed'),
    canceled: trans.__('Canceled')
  };
  const state = Object.keys(STATES).find(key => STATES[key].join() === asked.states.join());
  return (
    <div className="jp-TracksidePipelineRuns-bar" role="group" aria-label={trans.__('Filter')}>
      <FilterBox
        value={asked.name}
        onChange={name => runs.change({ name })}
        label={trans.__('Filter pipeline runs by name')}
        hint={trans.__('A part of the name')}
        trans={trans}
      />
      <Choice
        label={trans.__('State')}
        value={state ?? 'all'}
        choices={Object.keys(STATES).map(key => [key, words[key]])}
        onChange={key => runs.change({ states: STATES[key] })}
      />
      <Choice
        label={trans.__('Pipeline')}
        value={asked.pipeline}
        choices={[
          ['', trans.__('All pipelines')],
          ...pipelines.items.map(one => [one.pipeline_id, one.name] as const)
        ]}
        onChange={pipeline => runs.change({ pipeline })}
      />
      <Choice
        label={trans.__('Experiment')}
        value={asked.experiment}
        choices={[
          ['', trans.__('All experiments')],
          ...experiments.map(one => [one.experiment_id, one.name] as const)
        ]}
        onChange={experiment => runs.change({ experiment })}
      />
      <label>
        <input
          type="checkbox"
          checked={asked.archived}
          onChange={event => runs.change({ archived: event.target.checked })}
        />{' '}
        {trans.__('What is put away')}
      </label>
    </div>
  );
}

function Choice(props: {
  label: string;
  value: string;
  choices: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}): JSX.Element {
  const { label, value, choices, onChange } = props;
  return (
    <select
      className="jp-TracksideSelect"
      aria-label={label}
      value={value}
      onChange={event => onChange(event.target.value)}
    >
      {!choices.some(([key]) => key === value) && <option value={value}>{value}</option>}
      {choices.map(([key, word]) => (
        <option key={key} value={key}>
          {word}
        </option>
      ))}
    </select>
  );
}
