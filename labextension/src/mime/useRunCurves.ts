import * as React from 'react';

import type { IListedRun } from '../shared/runs/rows';
import type { ITracksideModel } from '../tokens';

/** How many points a small curve has. */
const POINTS = 40;

/** Most runs whose curves one question asks for. */
const RUNS = 100;

type Curves = ReadonlyMap<string, readonly number[]>;

/** The small curves of a metric of the runs in view: fetched once, and again while a run moves. */
export function useRunCurves(
  model: ITracksideModel,
  runs: readonly IListedRun[],
  metric: string | null
): Curves {
  const [curves, setCurves] = React.useState<Curves>(new Map());
  // The last value that a curve was fetched for, by run; another map for another metric.
  const fetched = React.useRef(new Map<string, unknown>());
  React.useEffect(() => {
    fetched.current = new Map();
    setCurves(new Map());
  }, [model, metric]);
  React.useEffect(() => {
    if (metric === null) {
      return;
    }
    const marks = fetched.current;
    const wanted = runs
      .filter(
        ({ run_id, metrics }) =>
          Object.hasOwn(metrics, metric) && !Object.is(marks.get(run_id), metrics[metric])
      )
      .slice(0, RUNS);
    if (wanted.length === 0) {
      return;
    }
    wanted.forEach(({ run_id, metrics }) => marks.set(run_id, metrics[metric]));
    void fetchCurves(model, wanted, metric).then(
      found => {
        if (marks === fetched.current) {
          setCurves(known => new Map([...known, ...found]));
        }
      },
      // A curve decorates; it is asked for again when its run is looked at again.
      () => wanted.forEach(({ run_id }) => marks.delete(run_id))
    );
  }, [model, runs, metric]);
  return curves;
}

/** How many metrics of a run get a small curve. */
const CURVES = 4;

/** The small curves of the first metrics of a run in view: those whose last value moved. */
export function useMetricCurves(
  model: ITracksideModel,
  run: IListedRun | undefined,
  metrics: readonly string[],
  isInView: boolean
): Readonly<Record<string, readonly number[]>> {
  const [curves, setCurves] = React.useState<Record<string, readonly number[]>>({});
  const fetched = React.useRef(new Map<string, unknown>());
  React.useEffect(() => {
    if (!run || !isInView) {
      return;
    }
    const marks = fetched.current;
    for (const metric of metrics.slice(0, CURVES)) {
      const last = run.metrics[metric];
      if (Object.is(marks.get(metric), last)) {
        continue;
      }
      marks.set(metric, last);
      void fetchCurves(model, [run], metric).then(
        found => setCurves(known => ({ ...known, [metric]: found.get(run.run_id) ?? [] })),
        () => marks.delete(metric)
      );
    }
  }, [model, run, metrics, isInView]);
  return curves;
}

async function fetchCurves(
  model: ITracksideModel,
  runs: readonly IListedRun[],
  metric: string
): Promise<Map<string, number[]>> {
  const ids = runs.map(({ run_id }) => run_id);
  const found = new Map<string, number[]>();
  for (const { run_id, value } of await model.trackingApi.history(ids, metric, POINTS)) {
    const curve = found.get(run_id);
    if (curve) {
      curve.push(value);
    } else {
      found.set(run_id, [value]);
    }
  }
  return found;
}
