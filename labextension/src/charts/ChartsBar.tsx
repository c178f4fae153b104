import * as React from 'react';

import { useSignal } from '../components/hooks';
import { RowFilter } from '../components/RowFilter';
import { Action } from '../shared/Action';
import type { XAxis } from '../shared/chart/curve';
import { useTrans } from '../shared/trans-context';
import type { ChartPrefs } from './prefs';

/** How charts are drawn: smoothing, scale, horizontal axis, and which; below it, what else belongs to them all. */
export function ChartsBar(props: {
  prefs: ChartPrefs;
  count: number;
  query: string;
  onQuery: (query: string) => void;
  children?: React.ReactNode;
}): JSX.Element {
  const { prefs, count, query, onQuery, children } = props;
  const trans = useTrans();
  useSignal(prefs.changed);
  const { axis, isLog, smoothing } = prefs.value;
  return (
    <div className="jp-TracksideCharts-bar" role="toolbar" aria-label={trans.__('Charts')}>
      <label>
        {trans.__('Smoothing')}
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={smoothing}
          aria-valuetext={smoothing === 0 ? trans.__('off') : smoothing.toFixed(2)}
          onChange={event => prefs.set({ smoothing: Number(event.target.value) })}
        />
        <output>{smoothing === 0 ? trans.__('off') : smoothing.toFixed(2)}</output>
      </label>
      <Action
        label={trans.__('Log scale')}
        pressed={isLog}
        onClick={() => prefs.set({ isLog: !isLog })}
      />
      <label>
        {trans.__('Over')}
        <select value={axis} onChange={event => prefs.set({ axis: event.target.value as XAxis })}>
          <option value="step">{trans.__('Steps')}</option>
          <option value="relative">{trans.__('Time since start')}</option>
          <option value="time">{trans.__('Clock time')}</option>
        </select>
      </label>
      <span className="jp-TracksideLogBar-space" />
      <RowFilter
        count={count}
        label={trans.__('Filter %1 charts', count)}
        query={query}
        onQuery={onQuery}
      />
      {children}
    </div>
  );
}
