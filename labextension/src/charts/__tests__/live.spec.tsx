import { Signal } from '@lumino/signaling';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { IModelChange, ITracksideModel } from '../../tokens';
import type { CurveStore } from '../curves';
import { type IChartRun, useLiveCurves } from '../hooks';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const sender = {};
const changed = new Signal<object, Partial<IModelChange>>(sender);
const model = {
  info: null,
  changed,
  connectionChanged: new Signal<object, void>(sender),
  infoChanged: new Signal<object, void>(sender)
} as unknown as ITracksideModel;
const refresh = vi.fn();
const store = { refresh } as unknown as CurveStore;

function View(props: { runs: readonly IChartRun[] }): JSX.Element {
  return <div ref={useLiveCurves<HTMLDivElement>(model, store, props.runs)} />;
}

function makeRun(runId: string, isLive = true): IChartRun {
  return { runId, label: runId, start: 0, isLive };
}

describe('curves of runs that go on', () => {
  let root: Root;

  const draw = (...runs: IChartRun[]): void => {
    React.act(() => root.render(<View runs={runs} />));
  };

  beforeEach(() => {
    vi.useFakeTimers();
    root = createRoot(document.createElement('div'));
  });

  afterEach(() => {
    React.act(() => root.unmount());
    vi.useRealTimers();
    refresh.mockClear();
  });

  it('are renewed for what moved, although other runs are drawn meanwhile', () => {
    draw(makeRun('a'), makeRun('b'));
    changed.emit({ runs: [{ run_id: 'a' }] as IModelChange['runs'], reset: false });
    draw(makeRun('new'), makeRun('a'), makeRun('b'));
    vi.advanceTimersByTime(1000);
    expect(refresh.mock.calls).toEqual([[['a']]]);
  });

  it('are fetched once more when their run has ended', () => {
    draw(makeRun('a'), makeRun('b'));
    draw(makeRun('a', false), makeRun('b'));
    expect(refresh.mock.calls).toEqual([[['a']]]);
    draw(makeRun('a', false), makeRun('b'));
    expect(refresh).toHaveBeenCalledTimes(1);
  });
});
