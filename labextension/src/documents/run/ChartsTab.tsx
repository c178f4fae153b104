import * as React from 'react';

import type { IChartRun } from '../../charts/hooks';
import { ChartGrid } from '../../charts/RunCharts';
import { EmptyState } from '../../components/EmptyState';
import type { IRunContext } from './context';
import { orderMetrics } from './MetricsTable';

const LOG_CODE = `for epoch in range(5):
    ...
    print(f"epoch={epoch} loss={loss:.4f}")`;

/** The second tab: one chart for each metric, two by two. */
export function ChartsTab(props: IRunContext): JSX.Element {
  const { run: document, prefs } = props;
  const { run, job, tracks, runId, name } = document;
  const { trans } = tracks;
  const start = run?.info.start_time ?? 0;
  const isLive = run?.info.status === 'RUNNING';
  const runs = React.useMemo<IChartRun[]>(
    () => [{ runId, label: name, start, isLive }],
    [runId, name, start, isLive]
  );
  const keys = React.useMemo(
    () =>
      run
        ? orderMetrics([...run.metrics.values()], job?.main_metric ?? null).map(({ key }) => key)
        : [],
    [run, job?.main_metric]
  );
  if (keys.length === 0) {
    return (
      <EmptyState
        sentence={trans.__('No curves yet. Printed name=value pairs become metrics:')}
        code={LOG_CODE}
        trans={trans}
      />
    );
  }
  return (
    <ChartGrid
      curves={document.curves}
      runs={runs}
      metrics={keys}
      prefs={prefs}
      suspects={keys.filter(key => (run?.metrics.get(key)?.step ?? 0) === 0)}
    />
  );
}
