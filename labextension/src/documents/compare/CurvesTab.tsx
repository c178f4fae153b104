import * as React from 'react';

import type { ChartPrefs } from '../../charts/prefs';
import { RunCharts } from '../../charts/RunCharts';
import { isLive } from '../../shared/states';
import type { ICompareContext } from './context';

/** The curves of all runs, one chart for each metric; what is better comes first. */
export function CurvesTab(props: ICompareContext & { prefs: ChartPrefs }): JSX.Element {
  const { compare, comparison, prefs } = props;
  const { trans } = compare.tracks;
  const runs = React.useMemo(
    () =>
      comparison.runs.map(run => ({
        runId: run.run_id,
        label: run.run_name,
        start: run.start_time,
        isLive: isLive(run.status)
      })),
    [comparison.runs]
  );
  const first = comparison.objective?.metric;
  const keys = comparison.metrics.map(({ key }) => key);
  const metrics =
    first && keys.includes(first) ? [first, ...keys.filter(key => key !== first)] : keys;
  if (metrics.length === 0) {
    return <p className="jp-TracksideDoc-note">{trans.__('These runs logged no metrics.')}</p>;
  }
  return <RunCharts model={compare.tracks} runs={runs} metrics={metrics} prefs={prefs} />;
}
