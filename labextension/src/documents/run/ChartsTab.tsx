import * as React from 'react';

import { EmptyState } from '../../components/EmptyState';
import { useInView, useSignal } from '../../components/hooks';
import { Chart } from '../../shared/chart/Chart';
import { stepRange, type ICurve } from '../../shared/chart/curve';
import { seriesIndex } from '../../shared/chart/series';
import { number } from '../../shared/format';
import { ChartsBar } from './ChartsBar';
import type { IRunContext } from './context';
import { useCurve } from './hooks';
import { orderMetrics } from './MetricsTable';
import type { IChartPrefs } from './prefs';
import { Section } from './Facts';

/** How long a zoom rests before finer points are fetched. */
const ZOOM_REST = 150;

/** How tall a chart is, so that one that is not drawn keeps its place. */
const HEIGHT = 208;

/** The stretch that all charts show, when it is not everything. */
type Zoom = readonly [number, number] | null;

const LOG_CODE = `for epoch in range(5):
    ...
    print(f"epoch={epoch} loss={loss:.4f}")`;

/** The second tab: one chart for each metric, two by two. */
export function ChartsTab(props: IRunContext): JSX.Element {
  const { run: document, prefs } = props;
  const { run, job, tracks } = document;
  const { trans } = tracks;
  useSignal(prefs.changed);
  const [query, setQuery] = React.useState('');
  const [zoom, setZoom] = React.useState<Zoom>(null);
  const { axis } = prefs.value;
  React.useEffect(() => setZoom(null), [axis]);
  const keys = run
    ? orderMetrics([...run.metrics.values()], job?.main_metric ?? null).map(metric => metric.key)
    : [];
  const [curved, single] = useSingles(props, keys);
  if (keys.length === 0) {
    return (
      <EmptyState
        sentence={trans.__('No curves yet. Printed name=value pairs become metrics:')}
        code={LOG_CODE}
        trans={trans}
      />
    );
  }
  const wanted = query.trim().toLowerCase();
  const shown = curved.filter(key => key.toLowerCase().includes(wanted));
  return (
    <div className="jp-TracksideCharts">
      <ChartsBar
        prefs={prefs}
        count={curved.length}
        query={query}
        onQuery={setQuery}
        trans={trans}
      />
      <div className="jp-TracksideCharts-grid">
        {shown.map(key => (
          <ChartCell
            key={key}
            {...props}
            metric={key}
            look={prefs.value}
            zoom={zoom}
            onZoom={setZoom}
          />
        ))}
      </div>
      {single.length > 0 && (
        <Section title={trans.__('Single values')}>
          <dl className="jp-TracksideTiles">
            {single.map(key => (
              <div key={key}>
                <dt title={key}>{key}</dt>
                <dd>{number(run?.metrics.get(key)?.value)}</dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
    </div>
  );
}

/**
 * Metrics with a curve, and those that were logged once (a chart of one dot says nothing). Only a
 * metric that is still at its first step can be such, so hardly anything is fetched to know.
 */
function useSingles(props: IRunContext, keys: readonly string[]): [string[], string[]] {
  const { run, curves } = props.run;
  const version = useSignal(curves.changed);
  const suspects = keys.filter(key => (run?.metrics.get(key)?.step ?? 0) === 0).slice(0, 100);
  const wanted = suspects.join('\n');
  React.useEffect(() => {
    const stops = wanted ? wanted.split('\n').map(key => curves.watch(key)) : [];
    return () => stops.forEach(stop => stop());
  }, [curves, wanted]);
  return React.useMemo(() => {
    const single = new Set(suspects.filter(key => (curves.get(key)?.points.length ?? 1) === 1));
    return [keys.filter(key => !single.has(key)), keys.filter(key => single.has(key))];
    // The store is one object that changes; `version` says when.
  }, [keys.join('\n'), wanted, version]);
}

function ChartCell(
  props: IRunContext & {
    metric: string;
    look: IChartPrefs;
    zoom: Zoom;
    onZoom: (zoom: Zoom) => void;
  }
): JSX.Element {
  const { run: document, metric, look, zoom, onZoom } = props;
  const { curves, runId } = document;
  const [host, isInView] = useInView<HTMLDivElement>();
  const [stored, points] = useCurve(curves, metric, isInView);
  const start = document.run?.info.start_time ?? 0;
  const name = document.name;
  const drawn = React.useMemo<ICurve[]>(
    () => [{ id: runId, label: name, colour: seriesIndex(runId), start, points }],
    [runId, name, start, points]
  );
  const latest = React.useRef(drawn);
  latest.current = drawn;
  React.useEffect(() => {
    if (!isInView) {
      return;
    }
    const steps = zoom && stepRange(latest.current, look.axis, zoom[0], zoom[1]);
    const timer = setTimeout(() => void curves.zoom(metric, steps), ZOOM_REST);
    return () => clearTimeout(timer);
  }, [curves, metric, zoom, look.axis, isInView]);
  return (
    <div ref={host} className="jp-TracksideCharts-cell" style={{ minHeight: HEIGHT + 28 }}>
      {isInView && stored && (
        <Chart
          title={metric}
          curves={drawn}
          axis={look.axis}
          isLog={look.isLog}
          smoothing={look.smoothing}
          syncKey={`trackside-${runId}`}
          height={HEIGHT}
          zoom={zoom}
          onZoom={onZoom}
        />
      )}
    </div>
  );
}
