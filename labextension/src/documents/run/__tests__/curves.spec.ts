import { describe, expect, it } from 'vitest';

import { serveWith, type ISeen } from '../../../__tests__/server';
import { TrackingApi } from '../../../api/tracking';
import { CurveStore, extremes, pointsOf } from '../curves';

interface IStoredPoint {
  key: string;
  value: number;
  timestamp: number;
  step: number;
  run_id: string;
}

/** A server that thins evenly and keeps the ends, as MLflow does. */
function serveCurve(points: IStoredPoint[]): { store: CurveStore; seen: ISeen[] } {
  const { settings, seen } = serveWith(({ query }) => {
    const from = Number(query.get('start_step') ?? -Infinity);
    const to = Number(query.get('end_step') ?? Infinity);
    const most = Number(query.get('max_results'));
    const found = points.filter(point => point.step >= from && point.step <= to);
    const stride = (found.length - 1) / (most - 1);
    const metrics =
      found.length <= most
        ? found
        : Array.from({ length: most }, (_, at) => found[Math.round(at * stride)]);
    return { body: { metrics } };
  });
  return { store: new CurveStore(new TrackingApi(settings), 'r1'), seen };
}

function makePoints(count: number, from = 0): IStoredPoint[] {
  return Array.from({ length: count }, (_, at) => ({
    key: 'loss',
    value: 1 / (from + at + 1),
    timestamp: 1000 * (from + at),
    step: from + at,
    run_id: 'r1'
  }));
}

function next(store: CurveStore): Promise<string> {
  return new Promise(resolve => {
    const listener = (_: CurveStore, key: string): void => {
      store.changed.disconnect(listener);
      resolve(key);
    };
    store.changed.connect(listener);
  });
}

describe('the curves of a run', () => {
  it('are fetched when somebody looks at them', async () => {
    const { store, seen } = serveCurve(makePoints(10));
    expect(seen).toHaveLength(0);
    const loaded = next(store);
    store.watch('loss');
    expect(await loaded).toBe('loss');
    expect(store.get('loss')!.points).toHaveLength(10);
    expect(store.get('loss')!.thinned).toBe(false);
  });

  it('ask only for what is new while the run goes on', async () => {
    const points = makePoints(10);
    const { store, seen } = serveCurve(points);
    let loaded = next(store);
    store.watch('loss');
    await loaded;
    points.push(...makePoints(3, 10));
    loaded = next(store);
    store.refresh();
    await loaded;
    expect(seen[1].query.get('start_step')).toBe('9');
    expect(store.get('loss')!.points.map(point => point.step)).toEqual(
      Array.from({ length: 13 }, (_, step) => step)
    );
  });

  it('that nobody looks at are not fetched again until somebody does', async () => {
    const { store, seen } = serveCurve(makePoints(10));
    const loaded = next(store);
    const stop = store.watch('loss');
    await loaded;
    stop();
    store.refresh();
    expect(seen).toHaveLength(1);
    store.watch('loss');
    await expect.poll(() => seen.length).toBe(2);
  });

  it('of a million points cost what a thousand cost, and are finer where one zooms in', async () => {
    const { store } = serveCurve(makePoints(100_000));
    const loaded = next(store);
    store.watch('loss');
    await loaded;
    expect(store.get('loss')!.points.length).toBeLessThanOrEqual(2500);
    expect(store.get('loss')!.thinned).toBe(true);
    await store.zoom('loss', [500, 600]);
    const drawn = pointsOf(store.get('loss')!);
    expect(drawn.filter(point => point.step >= 500 && point.step <= 600)).toHaveLength(101);
    expect(drawn[drawn.length - 1].step).toBe(99_999);
    const steps = drawn.map(point => point.step);
    expect([...steps].sort((one, two) => one - two)).toEqual(steps);
    await store.zoom('loss', null);
    expect(store.get('loss')!.detail).toBeNull();
  });

  it('are fetched whole after a new attempt began at the first step again', async () => {
    const points = makePoints(10);
    const { store, seen } = serveCurve(points);
    let loaded = next(store);
    store.watch('loss');
    await loaded;
    points.splice(0, 10, ...makePoints(4));
    loaded = next(store);
    store.startOver();
    await loaded;
    expect(seen[1].query.get('start_step')).toBeNull();
    expect(store.get('loss')!.points).toHaveLength(4);
  });

  it('have ends that ignore what is no number', () => {
    const point = (value: number) => ({ step: 0, timestamp: 0, value });
    expect(extremes([point(2), point(NaN), point(-1)])).toEqual([-1, 2]);
    expect(extremes([])).toBeNull();
  });
});
