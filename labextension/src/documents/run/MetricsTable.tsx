import * as React from 'react';

import type { IMetric } from '../../api/types';
import { type CurveStore, ROW_POINTS } from '../../charts/curves';
import { useCurves } from '../../charts/hooks';
import { extremes } from '../../charts/points';
import { useInView } from '../../components/hooks';
import { LongTable } from '../../components/LongTable';
import { outsideOf } from '../../models/outside';
import { moment, number } from '../../shared/format';
import { Sparkline } from '../../shared/Sparkline';
import type { ITracksideModel } from '../../tokens';
import type { IRunContext } from './context';
import { isSystem } from './system';

/** How many points the small curve of a row has. */
const POINTS = 60;

/** All metrics: last, lowest and highest value and a small curve. */
export function MetricsTable(props: IRunContext): JSX.Element {
  const { run: document } = props;
  const { run, job, tracks, curves } = document;
  const { trans } = tracks;
  const main = job?.main_metric ?? null;
  const metrics = React.useMemo(
    // What the machine measured has a tab of its own.
    () =>
      orderMetrics(
        [...run!.metrics.values()].filter(({ key }) => !isSystem(key)),
        main
      ),
    [run, main]
  );
  return (
    <LongTable
      label={trans.__('Metrics')}
      className="jp-mod-metrics"
      rows={metrics}
      filter={trans.__('Filter %1 metrics', metrics.length)}
      textOf={metric => metric.key}
      head={
        <tr>
          <th scope="col">{trans.__('Name')}</th>
          <th scope="col" className="jp-mod-number">
            {trans.__('Last')}
          </th>
          <th scope="col" className="jp-mod-curve">
            <span className="jp-TracksideHidden">{trans.__('Curve')}</span>
          </th>
          <th scope="col" className="jp-mod-number jp-mod-extreme">
            {trans.__('Lowest')}
          </th>
          <th scope="col" className="jp-mod-number jp-mod-extreme">
            {trans.__('Highest')}
          </th>
          <th scope="col" className="jp-mod-number jp-mod-step">
            {trans.__('Step')}
          </th>
        </tr>
      }
      renderRow={metric => (
        <MetricRow
          key={metric.key}
          metric={metric}
          runId={document.runId}
          curves={curves}
          isExact={outsideOf(tracks.info) === null}
          trans={trans}
        />
      )}
      trans={trans}
    />
  );
}

/** The main metric first, what the machine measured last. */
export function orderMetrics(metrics: IMetric[], main: string | null): IMetric[] {
  const rank = ({ key }: IMetric): number => (key === main ? 0 : isSystem(key) ? 2 : 1);
  return metrics.sort((one, two) => rank(one) - rank(two) || one.key.localeCompare(two.key));
}

function MetricRow(props: {
  metric: IMetric;
  runId: string;
  curves: CurveStore;
  /** Whether the server picks the highest and lowest points of a curve when it thins it. */
  isExact: boolean;
  trans: ITracksideModel['trans'];
}): JSX.Element {
  const { metric, runId, curves, isExact, trans } = props;
  const [host, isInView] = useInView<HTMLTableRowElement>();
  const ids = React.useMemo(() => [runId], [runId]);
  const [found] = useCurves(curves, ids, metric.key, isInView, ROW_POINTS);
  const points = found ?? [];
  const ends = extremes(points);
  const isAbout = !isExact && points.length >= ROW_POINTS;
  const about = isAbout ? '≈ ' : '';
  const hint = isAbout
    ? trans.__('Of %1 points that are shown; the run has more', points.length)
    : undefined;
  return (
    <tr ref={host}>
      <th scope="row" title={metric.key}>
        {metric.key}
      </th>
      <td className="jp-mod-number jp-mod-last" title={moment(metric.timestamp)}>
        {number(metric.value)}
      </td>
      <td className="jp-mod-curve">
        <Sparkline values={thin(points.map(point => point.value))} width={88} height={18} />
      </td>
      <td className="jp-mod-number jp-mod-extreme" title={hint}>
        {ends && points.length > 1 ? about + number(ends[0]) : ''}
      </td>
      <td className="jp-mod-number jp-mod-extreme" title={hint}>
        {ends && points.length > 1 ? about + number(ends[1]) : ''}
      </td>
      <td className="jp-mod-number jp-mod-step">{number(metric.step)}</td>
    </tr>
  );
}

function thin(values: number[]): number[] {
  if (values.length <= POINTS) {
    return values;
  }
  const stride = (values.length - 1) / (POINTS - 1);
  return Array.from({ length: POINTS }, (_, at) => values[Math.round(at * stride)]);
}
