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
  // The last value that a curve was fetched for, by run.
  const fetched = React.useRef(new Map<string, unknown>());
  React.useEffect(() => {
    fetched.current.clear();
    setCurves(new Map());
  }, [model, metric]);
  React.useEffect(() => {
    if (metric === null) {
      return;
    }
    const wanted = runs
      .filter(({ run_id, metrics }) => {
        const key = `${run_id} ${metric}`;
        return (
          Object.hasOwn(metrics, metric) && !Object.is(fetched.current.get(key), metrics[metric])
        );
      })
      .slice(0, RUNS);
    if (wanted.length === 0) {
      return;
    }
    wanted.forEach(({ run_id, metrics }) =>
      fetched.current.set(`${run_id} ${metric}`, metrics[metric])
    );
    void fetchCurves(model, wanted, metric).then(
      found => setCurves(known => new Map([...known, ...found])),
      // A curve decorates; it is asked for again when its run moves.
      () => undefined
    );
  }, [model, runs, metric]);
  return curves;
}

/** How many metrics of a run get a small curve. */
const CURVES = 4;

/** The small curves of the first metrics of one run, by the name of the metric. */
export function useMetricCurves(
  model: ITracksideModel,
  run: IListedRun | null,
  metrics: readonly string[]
): Readonly<Record<string, readonly number[]>> {
  const [curves, setCurves] = React.useState<Record<string, readonly number[]>>({});
  React.useEffect(() => {
    let isCurrent = true;
    if (run) {
      const fetchAll = metrics.slice(0, CURVES).map(async metric => {
        const found = await fetchCurves(model, [run], metric).catch(() => null);
        return [metric, found?.get(run.run_id) ?? []] as const;
      });
      void Promise.all(fetchAll).then(found => isCurrent && setCurves(Object.fromEntries(found)));
    }
    return () => {
      isCurrent = false;
    };
  }, [model, run, metrics]);
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
