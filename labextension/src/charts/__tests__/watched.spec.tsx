import { Signal } from '@lumino/signaling';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';

import type { CurveStore } from '../curves';
import { useCurves } from '../hooks';
import { useSingles } from '../SingleValues';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const RUNS = ['a'];
const KEYS = ['loss'];

/** A store to which the answer that another view asked for comes while this one is being drawn. */
function answered() {
  const changed = new Signal<object, string>({});
  const points = [1, 2].map(step => ({ step, timestamp: step, value: step }));
  const known = new Map<string, object>();
  const store = {
    changed,
    get: (_: string, key: string) => known.get(key),
    watch: () => () => undefined
  } as unknown as CurveStore;
  const answer = (): void => {
    if (known.size === 0) {
      known.set('loss', { points, detail: null, thinned: false, most: 250 });
      changed.emit('loss');
    }
  };
  return { store, answer };
}

function draw(view: JSX.Element): string {
  const host = document.createElement('div');
  const root = createRoot(host);
  React.act(() => root.render(view));
  const text = host.textContent ?? '';
  React.act(() => root.unmount());
  return text;
}

it('a curve that another view fetched just now is drawn, too', () => {
  const { store, answer } = answered();
  function View(): JSX.Element {
    const [curve] = useCurves(store, RUNS, 'loss', true);
    React.useLayoutEffect(answer);
    return <p>{curve ? `${curve.length} points` : 'waiting'}</p>;
  }
  expect(draw(<View />)).toBe('2 points');
});

it('a metric of which another view fetched more than one point just now is no single value', () => {
  const { store, answer } = answered();
  function View(): JSX.Element {
    const [curved] = useSingles(store, RUNS, KEYS, KEYS);
    React.useLayoutEffect(answer);
    return <p>{curved.join() || 'none'}</p>;
  }
  expect(draw(<View />)).toBe('loss');
});
