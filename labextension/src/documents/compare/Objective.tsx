import * as React from 'react';

import type { Goal } from '../../api/compare';
import type { ICompareContext } from './context';

/** Says what is better, and lets that be chosen. */
export function ObjectiveBar(props: ICompareContext): JSX.Element | null {
  const { compare, comparison } = props;
  const { trans } = compare.tracks;
  const { objective, metrics } = comparison;
  if (metrics.length === 0) {
    return null;
  }
  return (
    <div className="jp-TracksideCompare-objective">
      <label>
        {trans.__('Better is')}
        <select
          className="jp-TracksideSelect"
          aria-label={trans.__('Less or more')}
          value={objective?.goal ?? ''}
          disabled={!objective}
          onChange={event =>
            compare.setObjective(objective?.metric ?? null, event.target.value as Goal)
          }
        >
          <option value="min">{trans.__('less')}</option>
          <option value="max">{trans.__('more')}</option>
        </select>
      </label>
      <select
        className="jp-TracksideSelect"
        aria-label={trans.__('Metric that says what is better')}
        value={objective?.metric ?? ''}
        onChange={event => compare.setObjective(event.target.value, null)}
      >
        {!objective && <option value="">{trans.__('choose a metric')}</option>}
        {objective && !metrics.some(({ key }) => key === objective.metric) && (
          <option value={objective.metric}>{objective.metric}</option>
        )}
        {metrics.map(({ key }) => (
          <option key={key} value={key}>
            {key}
          </option>
        ))}
      </select>
      {objective?.assumed && (
        <span className="jp-TracksideCompare-dim">
          {objective.by_name
            ? trans.__('assumed from its name')
            : trans.__('assumed: its name does not say')}
        </span>
      )}
    </div>
  );
}
