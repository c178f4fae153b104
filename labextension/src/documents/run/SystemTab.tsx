import * as React from 'react';

import { ChartGrid } from '../../charts/RunCharts';
import type { IRunContext } from './context';
import { useChartRun } from './hooks';
import { measuresOf } from './system';

/** The tab of what the machine measured while the run went on: CPU, memory, GPU, disk, network. */
export function SystemTab(props: IRunContext): JSX.Element {
  const { run: document, systemPrefs } = props;
  const { run, tracks, curves } = document;
  const { trans } = tracks;
  const runs = useChartRun(document);
  const measures = React.useMemo(
    () => measuresOf([...(run?.metrics.keys() ?? [])], trans),
    [run, trans]
  );
  const keys = React.useMemo(() => [...measures.keys()], [measures]);
  return (
    <ChartGrid curves={curves} runs={runs} metrics={keys} prefs={systemPrefs} describe={measures} />
  );
}
