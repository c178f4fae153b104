import { describe, expect, it } from 'vitest';

import { align, omittedOf, stepRange, traceOf, type ICurve, type IPoint } from '../chart/curve';
import { omissionText, summaryText } from '../chart/describe';
import { steadyRange } from '../chart/range';
import { sortedReadings } from '../chart/readings';
import { assignSeries, seriesIndex, seriesLooks } from '../chart/series';
import { smooth } from '../chart/smooth';
import { compact, xLabel, yLabel } from '../chart/ticks';
import { english } from '../trans';

function curve(values: number[], change: Partial<ICurve> = {}): ICurve {
  const points = values.map((value, step): IPoint => ({ step, timestamp: 1000 * step, value }));
  return { id: 'r', label: 'loss', colour: 1, start: 0, points, ...change };
}

describe('the columns of a curve', () => {
  it('leave a gap where there is no number', () => {
    expect(traceOf(curve([1, NaN, Infinity, 2]), 'step', false)).toEqual({
      xs: [0, 1, 2, 3],
      ys: [1, null, null, 2]
    });
  });

  it('leave a gap for what a logarithm does not know', () => {
    expect(traceOf(curve([1, 0, -1, 2]), 'step', true).ys).toEqual([1, null, null, 2]);
  });

  it('are in order, and of several values at a step the last counts', () => {
    const points = [
      { step: 2, timestamp: 30, value: 3 },
      { step: 1, timestamp: 10, value: 1 },
      { step: 1, timestamp: 20, value: 2 }
    ];
    expect(traceOf(curve([], { points }), 'step', false)).toEqual({ xs: [1, 2], ys: [2, 3] });
  });

  it('count seconds from the start of the run', () => {
    const points = [{ step: 0, timestamp: 65_000, value: 1 }];
    expect(traceOf(curve([], { points, start: 5_000 }), 'relative', false).xs).toEqual([60]);
  });

  it('of several runs stand on one axis, where a missing point is no gap', () => {
    const { xs, columns } = align([
      { xs: [0, 2], ys: [1, null] },
      { xs: [1, 2], ys: [5, 6] }
    ]);
    expect(xs).toEqual([0, 1, 2]);
    expect(columns[0]).toEqual([1, undefined, null]);
    expect(columns[1]).toEqual([undefined, 5, 6]);
  });
});

describe('what cannot be drawn', () => {
  it('is counted and said', () => {
    const odd = curve([1, NaN, NaN, Number.MAX_VALUE, -1]);
    expect(omittedOf(odd, true)).toEqual({ nan: 2, infinite: 1, notPositive: 1, firstStep: 1 });
    expect(omissionText([odd], false, english)).toBe(
      'Not drawn: 2 NaN, 1 infinite, from step 1 on.'
    );
    expect(omissionText([curve([1, 2])], false, english)).toBe('');
  });

  it('does not keep a chart from being told in words', () => {
    expect(summaryText('loss', [curve([3, NaN, 1, 2])], english)).toBe(
      'Chart of loss. loss: last 2 at step 3, lowest 1 at step 2, highest 3 at step 0'
    );
  });
});

describe('smoothing', () => {
  it('does not begin at zero and keeps gaps', () => {
    const smoothed = smooth([4, null, 4, 4], 0.9);
    expect(smoothed[1]).toBeNull();
    [0, 2, 3].forEach(at => expect(smoothed[at]).toBeCloseTo(4));
  });
});

describe('the vertical axis of a live chart', () => {
  it('stays while new points fit in', () => {
    const before = steadyRange(0.2, 2.3, null, false);
    expect(steadyRange(0.15, 2.35, before, false)).toEqual(before);
  });

  it('follows when they do not, or hardly use it', () => {
    const before = steadyRange(0, 2, null, false);
    expect(steadyRange(0, 9, before, false)[1]).toBeGreaterThan(9);
    expect(steadyRange(0, 0.1, before, false)[1]).toBeLessThan(1);
  });

  it('does not show less than nothing of what is never negative', () => {
    expect(steadyRange(0.01, 2, null, false)[0]).toBe(0);
  });

  it('has room for a curve that does not move', () => {
    const [low, high] = steadyRange(5, 5, null, false);
    expect(low).toBeLessThan(5);
    expect(high).toBeGreaterThan(5);
  });

  it('of a logarithm ends at numbers that can be labelled', () => {
    expect(steadyRange(0.03, 4, null, true)).toEqual([0.02, 5]);
    expect(steadyRange(1, 1, null, true)).toEqual([0.5, 2]);
  });
});

describe('a stretch of time', () => {
  it('is turned into steps with one to spare', () => {
    expect(stepRange([curve([1, 2, 3, 4, 5])], 'relative', 1.5, 2.5)).toEqual([1, 3]);
    expect(stepRange([curve([1, 2])], 'relative', 50, 60)).toBeNull();
    expect(stepRange([], 'step', 1.2, 3.4)).toEqual([1, 4]);
  });
});

describe('colours', () => {
  it('stay with a run', () => {
    expect(seriesIndex('abc')).toBe(seriesIndex('abc'));
    expect(seriesIndex('abc')).toBeGreaterThanOrEqual(1);
    expect(seriesIndex('abc')).toBeLessThanOrEqual(8);
  });

  it('differ between the first eight runs that are drawn together', () => {
    const ids = Array.from({ length: 8 }, (_, at) => `run-${at}`);
    expect(new Set(assignSeries(ids).values()).size).toBe(8);
  });
});

describe('the looks of twenty runs', () => {
  it('are all different: colours come again with dashes', () => {
    const ids = Array.from({ length: 20 }, (_, at) => `run-${at}`);
    const looks = [...seriesLooks(ids).values()].map(({ colour, dash }) => `${colour} ${dash}`);
    expect(new Set(looks).size).toBe(20);
    expect([...seriesLooks(ids.slice(0, 8)).values()].every(({ dash }) => dash === 0)).toBe(true);
  });
});

describe('the values under the crosshair', () => {
  it('are sorted, highest first; what is no number is last, what has ended is left out', () => {
    const curves = ['low', 'high', 'nan', 'ended'].map(id => curve([], { id }));
    const reading = { x: 1, share: 0, smoothed: null, values: [1, 2, null, undefined] };
    expect(sortedReadings(curves, reading).map(found => found.curve.id)).toEqual([
      'high',
      'low',
      'nan'
    ]);
  });
});

describe('labels of axes', () => {
  it('are short', () => {
    expect(compact(1_200_000)).toBe('1.2M');
    expect(xLabel(90, 'relative')).toBe('1:30');
    expect(yLabel(0.30000000000000004)).toBe('0.3');
    expect(yLabel(25_000)).toBe('25k');
  });
});
