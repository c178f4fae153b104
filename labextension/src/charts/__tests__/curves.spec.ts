import { describe, expect, it } from 'vitest';

import { serveWith, type ISeen } from '../../__tests__/server';
import { TrackingApi } from '../../api/tracking';
import { chartPoints, CurveStore } from '../curves';
import { extremes, pointsOf } from '../points';

interface IStoredPoint {
  key: string;
  value: number;
  timestamp: number;
  step: number;
  run_id: string;
}

/** A server that thins evenly and keeps the ends, as MLflow does. */
function serveCurves(points: IStoredPoint[]): { store: CurveStore; seen: ISeen[] } {
  const { settings, seen } = serveWith(({ query }) => {
    const from = Number(query.get('start_step') ?? -Infinity);
    const to = Number(query.get('end_step') ?? Infinity);
    const most = Number(query.get('max_results'));
    const metrics = query.getAll('run_ids').flatMap(id => {
      const found = points.filter(
        ({ run_id, step }) => run_id === id && step >= from && step <= to
      );
      const stride = (found.length - 1) / (most - 1);
      return found.length <= most
        ? found
        : Array.from({ length: most }, (_, at) => found[Math.round(at * stride)]);
    });
    return { body: { metrics } };
  });
  return { store: new CurveStore(new TrackingApi(settings)), seen };
}

function makePoints(count: number, from = 0, run = 'r1'): IStoredPoint[] {
  return Array.from({ length: count }, (_, at) => ({
    key: 'loss',
    value: 1 / (from + at + 1),
    timestamp: 1000 * (from + at),
    step: from + at,
    run_id: run
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

function stepsOf(store: CurveStore, run = 'r1'): number[] {
  return pointsOf(store.get(run, 'loss')!).map(point => point.step);
}

describe('curves', () => {
  it('are fetched when somebody looks at them', async () => {
    const { store, seen } = serveCurves(makePoints(10));
    expect(seen).toHaveLength(0);
    const loaded = next(store);
    store.watch(['r1'], 'loss');
    expect(await loaded).toBe('loss');
    expect(stepsOf(store)).toHaveLength(10);
    expect(store.get('r1', 'loss')!.thinned).toBe(false);
  });

  it('of many runs come by one request', async () => {
    const ids = Array.from({ length: 20 }, (_, at) => `r${at}`);
    const { store, seen } = serveCurves(ids.flatMap(id => makePoints(5, 0, id)));
    const loaded = next(store);
    store.watch(ids, 'loss');
    await loaded;
    expect(seen).toHaveLength(1);
    expect(ids.every(id => stepsOf(store, id).length === 5)).toBe(true);
  });

  it('are looked at no finer than so many can be drawn', () => {
    expect(chartPoints(1)).toBe(1000);
    expect(chartPoints(20) * 20).toBeLessThanOrEqual(12_000);
    expect(chartPoints(500)).toBe(250);
  });

  it('ask only for what is new of the runs that go on', async () => {
    const points = [...makePoints(10, 0, 'r1'), ...makePoints(8, 0, 'r2')];
    const { store, seen } = serveCurves(points);
    let loaded = next(store);
    store.watch(['r1', 'r2'], 'loss');
    await loaded;
    points.push(...makePoints(3, 10, 'r1'));
    loaded = next(store);
    store.refresh(['r1']);
    await loaded;
    expect(seen[1].query.get('start_step')).toBe('9');
    expect(seen[1].query.getAll('run_ids')).toEqual(['r1']);
    expect(stepsOf(store)).toEqual(Array.from({ length: 13 }, (_, step) => step));
    expect(stepsOf(store, 'r2')).toHaveLength(8);
  });

  it('that nobody looks at are not fetched again until somebody does', async () => {
    const { store, seen } = serveCurves(makePoints(10));
    const loaded = next(store);
    const stop = store.watch(['r1'], 'loss');
    await loaded;
    stop();
    store.refresh();
    expect(seen).toHaveLength(1);
    store.watch(['r1'], 'loss');
    await expect.poll(() => seen.length).toBe(2);
  });

  it('that were scrolled past before their turn came are not fetched', async () => {
    const { store, seen } = serveCurves([]);
    const stops = Array.from({ length: 30 }, (_, at) => store.watch(['r1'], `metric ${at}`));
    stops.forEach(stop => stop());
    store.watch(['r1'], 'the one in view');
    await expect
      .poll(() => seen.some(({ query }) => query.get('metric_key') === 'the one in view'))
      .toBe(true);
    expect(seen.length).toBeLessThan(10);
  });

  it('that were looked at long ago are forgotten before they fill the memory', async () => {
    const { settings } = serveWith(({ query }) => ({
      body: {
        metrics: makePoints(1000).map(point => ({
          ...point,
          key: query.get('metric_key'),
          run_id: 'r1'
        }))
      }
    }));
    const store = new CurveStore(new TrackingApi(settings));
    for (let at = 0; at < 310; at++) {
      const loaded = next(store);
      const stop = store.watch(['r1'], `metric ${at}`);
      await loaded;
      stop();
    }
    expect(store.get('r1', 'metric 0')).toBeUndefined();
    expect(store.get('r1', 'metric 309')).toBeDefined();
  });

  it('that came for a row are fetched finer for a chart', async () => {
    const { store, seen } = serveCurves(makePoints(5000));
    let loaded = next(store);
    store.watch(['r1'], 'loss', 320);
    await loaded;
    loaded = next(store);
    store.watch(['r1'], 'loss');
    await loaded;
    expect(seen.map(({ query }) => query.get('max_results'))).toEqual(['320', '1000']);
    expect(stepsOf(store)).toHaveLength(1000);
  });

  it('of a million points cost what a thousand cost, and are finer where one zooms in', async () => {
    const { store } = serveCurves(makePoints(100_000));
    let loaded = next(store);
    store.watch(['r1'], 'loss');
    await loaded;
    expect(stepsOf(store).length).toBeLessThanOrEqual(2500);
    expect(store.get('r1', 'loss')!.thinned).toBe(true);
    loaded = next(store);
    store.zoom(['r1'], 'loss', [500, 600]);
    await loaded;
    const steps = stepsOf(store);
    expect(steps.filter(step => step >= 500 && step <= 600)).toHaveLength(101);
    expect(steps[steps.length - 1]).toBe(99_999);
    expect([...steps].sort((one, two) => one - two)).toEqual(steps);
    store.zoom(['r1'], 'loss', null);
    expect(store.get('r1', 'loss')!.detail).toBeNull();
  });

  it('grow within a zoom that a slower run has not come to the end of', async () => {
    const points = makePoints(5000);
    const { store } = serveCurves(points);
    let loaded = next(store);
    store.watch(['r1'], 'loss');
    await loaded;
    loaded = next(store);
    store.zoom(['r1'], 'loss', [4000, 9000]);
    await loaded;
    points.push(...makePoints(20, 5000));
    loaded = next(store);
    store.refresh(['r1']);
    await loaded;
    expect(stepsOf(store).slice(-20)).toEqual(Array.from({ length: 20 }, (_, at) => 5000 + at));
  });

  it('are zoomed into as soon as they are there, and anew with another attempt', async () => {
    const points = makePoints(5000);
    const { store, seen } = serveCurves(points);
    const details = (): number => store.get('r1', 'loss')?.detail?.points.length ?? 0;
    store.zoom(['r1'], 'loss', [100, 200]);
    store.watch(['r1'], 'loss');
    await expect.poll(details).toBe(101);
    points.splice(0, 5000, ...makePoints(3000, 150));
    store.startOver();
    await expect.poll(details).toBe(51);
    expect(seen).toHaveLength(4);
  });

  it('keep to the last of several zooms, whichever answer comes last', async () => {
    const answers = new Map<string, () => void>();
    const { settings } = serveWith(async ({ query }) => {
      const from = query.get('start_step');
      const to = Number(query.get('end_step') ?? 4999);
      if (from !== null) {
        await new Promise<void>(resolve => answers.set(from, resolve));
      }
      return { body: { metrics: makePoints(Math.min(1000, to - Number(from) + 1), Number(from)) } };
    });
    const store = new CurveStore(new TrackingApi(settings));
    const loaded = next(store);
    store.watch(['r1'], 'loss');
    await loaded;
    const rangeOf = () => store.get('r1', 'loss')!.detail?.range;
    store.zoom(['r1'], 'loss', [100, 200]);
    await expect.poll(() => answers.has('100')).toBe(true);
    store.zoom(['r1'], 'loss', [300, 400]);
    await expect.poll(() => answers.has('300')).toBe(true);
    answers.get('300')!();
    await expect.poll(rangeOf).toEqual([300, 400]);
    answers.get('100')!();
    await new Promise(resolve => setTimeout(resolve));
    expect(rangeOf()).toEqual([300, 400]);
    store.zoom(['r1'], 'loss', [500, 600]);
    await expect.poll(() => answers.has('500')).toBe(true);
    store.zoom(['r1'], 'loss', null);
    answers.get('500')!();
    await new Promise(resolve => setTimeout(resolve));
    expect(rangeOf()).toBeUndefined();
  });

  it('of many charts are zoomed into a few at a time', async () => {
    const waiting: (() => void)[] = [];
    const { settings } = serveWith(async ({ query }) => {
      if (query.get('start_step') !== null) {
        await new Promise<void>(resolve => waiting.push(resolve));
      }
      return { body: { metrics: makePoints(1000) } };
    });
    const store = new CurveStore(new TrackingApi(settings));
    const keys = Array.from({ length: 12 }, (_, at) => `metric ${at}`);
    keys.forEach(key => store.watch(['r1'], key));
    await expect.poll(() => keys.every(key => store.get('r1', key))).toBe(true);
    keys.forEach(key => store.zoom(['r1'], key, [1, 2]));
    await expect.poll(() => waiting.length).toBe(4);
    waiting[0]();
    await expect.poll(() => waiting.length).toBe(5);
  });

  it('are fetched whole after a new attempt began at the first step again', async () => {
    const points = makePoints(10);
    const { store, seen } = serveCurves(points);
    let loaded = next(store);
    store.watch(['r1'], 'loss');
    await loaded;
    points.splice(0, 10, ...makePoints(4));
    loaded = next(store);
    store.startOver();
    await loaded;
    expect(seen[1].query.get('start_step')).toBeNull();
    expect(stepsOf(store)).toHaveLength(4);
  });

  it('whose last step is gone are fetched whole although nobody said so', async () => {
    const points = makePoints(10);
    const { store } = serveCurves(points);
    let loaded = next(store);
    store.watch(['r1'], 'loss');
    await loaded;
    points.splice(0, 10, ...makePoints(4));
    loaded = next(store);
    store.refresh();
    await loaded;
    expect(stepsOf(store)).toHaveLength(4);
  });

  it('that could not be fetched come with the next refresh', async () => {
    let isAway = true;
    const { settings, seen } = serveWith(() =>
      isAway ? new Error('away') : { body: { metrics: makePoints(3) } }
    );
    const store = new CurveStore(new TrackingApi(settings));
    const told = next(store);
    store.watch(['r1'], 'loss');
    await told;
    expect(seen).toHaveLength(1);
    expect(store.problem('loss')).toBeInstanceOf(Error);
    isAway = false;
    const loaded = next(store);
    await expect
      .poll(() => {
        store.refresh([]);
        return store.get('r1', 'loss')?.points.length;
      })
      .toBe(3);
    await loaded;
    expect(store.problem('loss')).toBeNull();
  });

  it('have ends that ignore what is no number', () => {
    const point = (value: number) => ({ step: 0, timestamp: 0, value });
    expect(extremes([point(2), point(NaN), point(-1)])).toEqual([-1, 2]);
    expect(extremes([])).toBeNull();
  });
});
