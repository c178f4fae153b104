import * as React from 'react';

import { useInView, useSignal } from '../components/hooks';
import { Chart } from '../shared/chart/Chart';
import { type ICurve, stepRange } from '../shared/chart/curve';
import { type ISeriesLook, seriesLooks } from '../shared/chart/series';
import type { CurveStore } from './curves';
import { ChartActions } from './ChartActions';
import { type IChartRun, useCurves } from './hooks';
import { Pending } from './Pending';
import type { ChartPrefs } from './prefs';

/** How long a zoom rests before finer points are fetched. */
const ZOOM_REST = 150;

/** How tall the plot of a chart is, and what stands above and below it. */
const HEIGHT = 208;
const TALL = 440;
const AROUND = 44;

/** The stretch of the horizontal axis that is shown, when it is not everything. */
export type Zoom = readonly [number, number] | null;

/** Whose curves a chart draws, and how. */
export interface IMetricChartProps {
  curves: CurveStore;
  runs: readonly IChartRun[];
  prefs: ChartPrefs;
  /** The name of the metric. */
  metric: string;
  /** What it is called above the chart; its name if absent. */
  title?: string;
  /** Writes its values. */
  format?: (value: number) => string;
  /** How the runs are drawn; by their own colours if absent. */
  looks?: ReadonlyMap<string, ISeriesLook>;
  /** The runs that are not drawn. */
  hidden?: ReadonlySet<string>;
  /** The run that stands out. */
  focus?: string | null;
  zoom: Zoom;
  onZoom: (zoom: Zoom) => void;
  /** Charts with the same key share the crosshair. */
  syncKey: string;
  isTall?: boolean;
  /** Called with the name of the metric when somebody wants to see it larger, or smaller again. */
  onTall?: (metric: string) => void;
}

const NONE: ReadonlySet<string> = new Set();

function Metric(props: IMetricChartProps): JSX.Element {
  const {
    curves,
    runs,
    prefs,
    metric,
    hidden = NONE,
    focus,
    zoom,
    onZoom,
    syncKey,
    isTall
  } = props;
  useSignal(prefs.changed);
  const look = prefs.value;
  const [host, isInView] = useInView<HTMLDivElement>();
  const ids = React.useMemo(() => runs.map(run => run.runId), [runs]);
  const points = useCurves(curves, ids, metric, isInView);
  const looks = React.useMemo(() => props.looks ?? seriesLooks(ids), [props.looks, ids]);
  const drawn = React.useMemo(
    () =>
      runs.flatMap(({ runId, label, start }, at): ICurve[] => {
        const found = points[at];
        return found && found.length > 0 && !hidden.has(runId)
          ? [{ id: runId, label, start, points: found, ...looks.get(runId)! }]
          : [];
      }),
    [runs, points, hidden, looks]
  );
  const latest = React.useRef(drawn);
  latest.current = drawn;
  React.useEffect(() => {
    if (!isInView) {
      return undefined;
    }
    const steps = zoom && stepRange(latest.current, look.axis, zoom[0], zoom[1]);
    const timer = setTimeout(() => curves.zoom(ids, metric, steps), ZOOM_REST);
    return () => clearTimeout(timer);
  }, [curves, ids, metric, zoom, look.axis, isInView]);
  const isHere = points.some(Boolean);
  const height = isTall ? TALL : HEIGHT;
  return (
    <div
      ref={host}
      className={`jp-TracksideCharts-cell ${isTall ? 'jp-mod-tall' : ''}`}
      style={{ minHeight: height + AROUND }}
    >
      {isInView && !isHere && (
        <Pending curves={curves} metric={metric} title={props.title ?? metric} />
      )}
      {isInView && isHere && (
        <Chart
          title={props.title ?? metric}
          format={props.format}
          curves={drawn}
          focus={focus}
          axis={look.axis}
          isLog={look.isLog}
          smoothing={look.smoothing}
          syncKey={syncKey}
          height={height}
          zoom={zoom}
          onZoom={onZoom}
          actions={canvas => (
            <ChartActions
              canvas={canvas}
              metric={metric}
              title={props.title ?? metric}
              curves={drawn}
              axis={look.axis}
              zoom={zoom}
              isTall={isTall}
              onTall={props.onTall}
            />
          )}
        />
      )}
    </div>
  );
}

/** One metric of some runs; fetched and drawn while it is in view, at the same size before. */
export const MetricChart = React.memo(Metric);
