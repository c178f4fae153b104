import * as React from 'react';

import { useSignal } from '../components/hooks';
import { seriesLooks } from '../shared/chart/series';
import { TransContext } from '../shared/trans-context';
import type { ITracksideModel } from '../tokens';
import { ChartsBar } from './ChartsBar';
import type { CurveStore } from './curves';
import { type IChartRun, useCurveStore, useLiveCurves } from './hooks';
import { Legend, useLegend } from './Legend';
import { MetricChart, type Zoom } from './MetricChart';
import type { ChartPrefs } from './prefs';
import { SingleValues, useSingles } from './SingleValues';

/** Which curves of which runs are drawn. */
export interface IRunChartsProps {
  model: ITracksideModel;
  runs: readonly IChartRun[];
  /** The names of the metrics, in their order. */
  metrics: readonly string[];
  prefs: ChartPrefs;
  /** Those of the metrics that may have been logged once only: they are shown as numbers then. */
  suspects?: readonly string[];
  /** What metrics are called and how their values are written, where that is not by themselves. */
  describe?: ReadonlyMap<string, { title: string; format: (value: number) => string }>;
}

/** Curves of runs, one chart for each metric, two by two; they are kept fresh while a run goes on. */
export function RunCharts(props: IRunChartsProps): JSX.Element {
  const curves = useCurveStore(props.model);
  const frame = useLiveCurves<HTMLDivElement>(props.model, curves, props.runs);
  return (
    <TransContext.Provider value={props.model.trans}>
      <div ref={frame}>
        <ChartGrid {...props} curves={curves} />
      </div>
    </TransContext.Provider>
  );
}

/** The same, drawn from curves that somebody else keeps fresh. */
export function ChartGrid(
  props: Omit<IRunChartsProps, 'model'> & { curves: CurveStore }
): JSX.Element {
  const { curves, runs, metrics, prefs, suspects, describe } = props;
  useSignal(prefs.changed);
  const { axis } = prefs.value;
  const syncKey = React.useId();
  const [query, setQuery] = React.useState('');
  const [zoom, setZoom] = React.useState<Zoom>(null);
  const [tall, setTall] = React.useState<string | null>(null);
  const onTall = React.useCallback(
    (metric: string) => setTall(before => (before === metric ? null : metric)),
    []
  );
  React.useEffect(() => setZoom(null), [axis]);
  const legend = useLegend(runs);
  const ids = React.useMemo(() => runs.map(run => run.runId), [runs]);
  const looks = React.useMemo(() => seriesLooks(ids), [ids]);
  const [curved, single] = useSingles(curves, ids, metrics, suspects);
  const wanted = query.trim().toLowerCase();
  const shown = curved.filter(key =>
    `${describe?.get(key)?.title ?? ''} ${key}`.toLowerCase().includes(wanted)
  );
  return (
    <div className="jp-TracksideCharts">
      <ChartsBar prefs={prefs} count={curved.length} query={query} onQuery={setQuery}>
        {runs.length > 1 && <Legend runs={runs} looks={looks} state={legend} />}
      </ChartsBar>
      <div className="jp-TracksideCharts-grid">
        {shown.map(metric => (
          <MetricChart
            key={metric}
            curves={curves}
            runs={runs}
            prefs={prefs}
            metric={metric}
            title={describe?.get(metric)?.title}
            format={describe?.get(metric)?.format}
            looks={looks}
            hidden={legend.hidden}
            focus={legend.focus}
            zoom={zoom}
            onZoom={setZoom}
            syncKey={syncKey}
            isTall={metric === tall}
            onTall={onTall}
          />
        ))}
      </div>
      <SingleValues curves={curves} runs={runs} metrics={single} looks={looks} />
    </div>
  );
}
