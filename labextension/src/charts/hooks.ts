import * as React from 'react';

import { useRefresh, useSignal } from '../components/hooks';
import { outsideOf } from '../models/outside';
import type { IPoint } from '../shared/chart/curve';
import type { IModelChange, ITracksideModel } from '../tokens';
import { chartPoints, CurveStore } from './curves';
import { pointsOf } from './points';

/** How often what is new is asked for, at most; an outside server does not tell that there is any. */
const REFRESH_EVERY = 1000;
const OUTSIDE_EVERY = 5000;

/** A run whose curves are drawn. */
export interface IChartRun {
  runId: string;
  label: string;
  /** When it began, in milliseconds. */
  start: number;
  isLive: boolean;
}

/** The points of one metric of some runs, in their order, kept fresh while `isWatched`; `null` until they are there. */
export function useCurves(
  store: CurveStore,
  runIds: readonly string[],
  key: string,
  isWatched: boolean,
  most = chartPoints(runIds.length)
): (readonly IPoint[] | null)[] {
  const version = useSignal(store.changed, changed => changed === key);
  const ids = runIds.join(' ');
  React.useEffect(
    () => (isWatched ? store.watch(ids.split(' ').filter(Boolean), key, most) : undefined),
    [store, ids, key, most, isWatched]
  );
  const known = React.useRef(new Map<unknown, readonly IPoint[]>());
  return React.useMemo(() => {
    // A curve that has not changed gives the same array, so that nothing is drawn for it.
    const fresh = new Map<unknown, readonly IPoint[]>();
    const found = runIds.map(id => {
      const curve = store.get(id, key);
      if (!curve) {
        return null;
      }
      const points = known.current.get(curve) ?? pointsOf(curve);
      fresh.set(curve, points);
      return points;
    });
    known.current = fresh;
    return found;
    // The store is one object that changes; `version` says when.
  }, [store, ids, key, version]);
}

/** A store of curves that lives as long as the view. */
export function useCurveStore(model: ITracksideModel): CurveStore {
  const store = React.useMemo(() => new CurveStore(model.trackingApi), [model]);
  React.useEffect(() => () => store.dispose(), [store]);
  return store;
}

/** A ref for the view of curves, which are kept fresh while their runs go on. */
export function useLiveCurves<E extends HTMLElement>(
  model: ITracksideModel,
  store: CurveStore,
  runs: readonly IChartRun[]
): React.RefObject<E> {
  // Other runs, or the end of one, must not lose the news of those that stay.
  const shown = React.useRef(runs);
  shown.current = runs;
  React.useEffect(() => {
    const moved = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = (): void => {
      timer = undefined;
      store.refresh([...moved]);
      moved.clear();
    };
    const onChanged = (_: ITracksideModel, change: IModelChange): void => {
      const news = new Set(change.runs.map(run => run.run_id));
      shown.current
        .filter(({ runId }) => change.reset || news.has(runId))
        .forEach(({ runId }) => moved.add(runId));
      if (moved.size > 0) {
        timer ??= setTimeout(refresh, REFRESH_EVERY);
      }
    };
    // What failed to come while the server was away is asked for again.
    const onConnection = (): void => store.refresh([]);
    model.changed.connect(onChanged);
    model.connectionChanged.connect(onConnection);
    return () => {
      clearTimeout(timer);
      model.changed.disconnect(onChanged);
      model.connectionChanged.disconnect(onConnection);
    };
  }, [model, store]);
  useSignal(model.infoChanged);
  const live = runs.filter(run => run.isLive).map(run => run.runId);
  useLastRefresh(store, live);
  const isPolled = outsideOf(model.info) !== null && live.length > 0;
  return useRefresh<E>(isPolled ? OUTSIDE_EVERY : null, async () => store.refresh(live));
}

/** Fetch the end of the curves of runs that have ended: nobody asks for them any more. */
function useLastRefresh(store: CurveStore, live: readonly string[]): void {
  const before = React.useRef<readonly string[]>([]);
  React.useEffect(() => {
    const ended = before.current.filter(id => !live.includes(id));
    before.current = live;
    if (ended.length > 0) {
      store.refresh(ended);
    }
  });
}
