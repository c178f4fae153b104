import * as React from 'react';

import { useSignal } from '../components/hooks';
import { Swatch } from '../shared/chart/Swatch';
import type { ISeriesLook } from '../shared/chart/series';
import { number } from '../shared/format';
import { useTrans } from '../shared/trans-context';
import type { CurveStore } from './curves';
import type { IChartRun } from './hooks';

/** Most metrics that are looked at to know whether they were logged once. */
const MOST = 40;

/** How many points tell one from many. */
const FEW = 2;

/**
 * Metrics with a curve, and those that every run logged once (a chart of dots says nothing). Only
 * a metric that is still at its first step can be such, so hardly anything is fetched to know.
 */
export function useSingles(
  curves: CurveStore,
  runIds: readonly string[],
  metrics: readonly string[],
  suspects: readonly string[] = []
): [string[], string[]] {
  const wanted = suspects.slice(0, MOST).join('\n');
  const keys = React.useMemo(() => new Set(wanted.split('\n').filter(Boolean)), [wanted]);
  const version = useSignal(curves.changed, key => keys.has(key));
  React.useEffect(() => {
    const stops = [...keys].map(key => curves.watch(runIds, key, FEW));
    return () => stops.forEach(stop => stop());
  }, [curves, runIds, keys]);
  const names = metrics.join('\n');
  return React.useMemo(() => {
    const isSingle = (key: string): boolean =>
      runIds.every(id => (curves.get(id, key)?.points.length ?? 1) <= 1);
    const single = new Set([...keys].filter(isSingle));
    const curved = metrics.filter(key => !single.has(key));
    return [curved, metrics.filter(key => single.has(key))];
    // The store is one object that changes; `version` says when.
  }, [curves, runIds, names, keys, version]);
}

/** What was logged once: a number for each run. */
export function SingleValues(props: {
  curves: CurveStore;
  runs: readonly IChartRun[];
  metrics: readonly string[];
  looks: ReadonlyMap<string, ISeriesLook>;
}): JSX.Element | null {
  const { curves, runs, metrics, looks } = props;
  const trans = useTrans();
  const id = React.useId();
  if (metrics.length === 0) {
    return null;
  }
  return (
    <section className="jp-TracksideSection" aria-labelledby={id}>
      <header>
        <h2 id={id}>{trans.__('Single values')}</h2>
      </header>
      <dl className="jp-TracksideTiles">
        {metrics.map(key => (
          <div key={key}>
            <dt title={key}>{key}</dt>
            {runs.map(({ runId, label }) => {
              const point = curves.get(runId, key)?.points[0];
              return (
                point && (
                  <dd key={runId} title={label}>
                    {runs.length > 1 && <Swatch look={looks.get(runId)!} />}
                    {number(point.value)}
                    {runs.length > 1 && <span>{label}</span>}
                  </dd>
                )
              );
            })}
          </div>
        ))}
      </dl>
    </section>
  );
}
