import * as React from 'react';

import { ChartPrefs } from '../charts/prefs';
import { RunCharts } from '../charts/RunCharts';
import type { IListedRun } from '../shared/runs/rows';
import type { ITracksideModel } from '../tokens';

/** How the charts of all cells are drawn, while the page is open. */
const prefs = new ChartPrefs(null);

/** The charts of a run in its card. */
export default function CardCharts(props: {
  model: ITracksideModel;
  run: IListedRun;
  metrics: readonly string[];
}): JSX.Element {
  const { model, run, metrics } = props;
  const { run_id: runId, run_name: label, start_time: start, status } = run;
  const isLive = status === 'RUNNING';
  const runs = React.useMemo(
    () => [{ runId, label, start, isLive }],
    [runId, label, start, isLive]
  );
  return <RunCharts model={model} runs={runs} metrics={metrics} prefs={prefs} />;
}
