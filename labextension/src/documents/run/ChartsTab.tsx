import * as React from 'react';

import { ChartGrid } from '../../charts/RunCharts';
import { EmptyState } from '../../components/EmptyState';
import type { IRunContext } from './context';
import { useChartRun } from './hooks';
import { orderMetrics } from './MetricsTable';
import { isSystem } from './system';

const LOG_CODE = `for epoch in range(5):
    ...
    print(f"epoch={epoch} loss={loss:.4f}")`;

/** The second tab: one chart for each metric, two by two. */
export function ChartsTab(props: IRunContext): JSX.Element {
  const { run: document, prefs } = props;
  const { run, job, tracks } = document;
  const { trans } = tracks;
  const runs = useChartRun(document);
  const keys = React.useMemo(
    () =>
      run
        ? orderMetrics([...run.metrics.values()], job?.main_metric ?? null)
            .map(({ key }) => key)
            .filter(key => !isSystem(key))
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
