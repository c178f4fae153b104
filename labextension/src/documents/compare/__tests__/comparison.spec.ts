import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import type { IComparison, IRanked } from '../../../api/compare';
import { readDiff, sideBySide } from '../diff';
import { moved } from '../model';
import { noteSentence } from '../notes';
import { axesOf, firstAxes, isWithin, merits, placeOf, valueAt } from '../plots/axes';
import { rankedSentence, sentenceOf } from '../words';

const trans = nullTranslator.load('trackside');

function ranked(change: Partial<IRanked> = {}): IRanked {
  return {
    kind: 'param',
    key: 'lr',
    measure: 'pair',
    runs: 2,
    score: null,
    chance: null,
    strength: 'pair',
    better: '0.1',
    worse: '0.01',
    together: [],
    text: '',
    ...change
  };
}

function comparison(change: Partial<IComparison> = {}): IComparison {
  return {
    base: 'a',
    runs: [],
    params: [],
    metrics: [{ key: 'loss', values: [0.4, 0.2], goal: 'min', best: 1, differs: true }],
    tags: [],
    datasets: [],
    packages: [],
    environment: [],
    code: { files: [], commits: [], differs: false },
    objective: { metric: 'loss', goal: 'min', assumed: true, by_name: true },
    ranking: [ranked()],
    counts: { settings: 41, differing: 3, others: [] },
    notes: [],
    sentence: '',
    ...change
  };
}

describe('The sentence of a comparison', () => {
  it('says how much differs and what goes with the better result', () => {
    expect(sentenceOf(comparison(), trans)).toBe(
      '3 of 41 settings differ; lr 0.01 → 0.1 goes with the better loss.'
    );
  });

  it('does not say that what differs does as the settings do where none differs', () => {
    const counts = { settings: 1, differing: 0, others: ['code'] };
    expect(sentenceOf(comparison({ counts }), trans)).toBe(
      'No setting of 1 differs; the code differs; lr 0.01 → 0.1 goes with the better loss.'
    );
  });

  it('says when nothing can be told', () => {
    expect(sentenceOf(comparison({ objective: null, ranking: [] }), trans)).toContain(
      'no metric to tell better from worse'
    );
    const none = ranked({ measure: 'rank', strength: 'none', runs: 5 });
    expect(sentenceOf(comparison({ ranking: [none] }), trans)).toContain(
      'nothing goes with the better loss more than by chance in 5 runs'
    );
  });

  it('never calls a hint clear', () => {
    const hint = ranked({ measure: 'rank', strength: 'hint', runs: 4, better: 'higher', score: 1 });
    expect(rankedSentence(hint, 'loss', trans)).toBe(
      'higher lr goes with the better loss (rank correlation 1.00 in 4 runs), which may be chance.'
    );
  });
});

describe('A note of a comparison', () => {
  it('is said in the language of the page, with the few runs that it is about', () => {
    expect(
      noteSentence({ code: 'DELETED', count: 2, names: ['a', 'b'], text: 'unused' }, trans)
    ).toBe('In the trash: a, b.');
    expect(noteSentence({ code: 'NO_CODE', count: 7, names: [], text: 'unused' }, trans)).toBe(
      'No code was kept of 7 runs; it is kept of what runs as a job.'
    );
    expect(
      noteSentence(
        { code: 'LONG_VALUES', count: 1, limit: 1000, what: 'params', text: 'unused' },
        trans
      )
    ).toBe('Params: 1 value is longer than 1000 characters; its beginning is shown.');
  });
});

describe('A difference of code', () => {
  const text = '@@ -3,4 +3,4 @@\n a\n-b\n-c\n+d\n e';

  it('numbers the lines of both sides', () => {
    expect(readDiff(text).map(({ kind, old, now }) => [kind, old, now])).toEqual([
      ['place', null, null],
      ['same', 3, 3],
      ['removed', 4, null],
      ['removed', 5, null],
      ['added', null, 4],
      ['same', 6, 5]
    ]);
  });

  it('puts what was removed beside what came in its place', () => {
    const pairs = sideBySide(readDiff(text)).map(({ left, right }) => [left?.text, right?.text]);
    expect(pairs.slice(2)).toEqual([
      ['b', 'd'],
      ['c', undefined],
      ['e', 'e']
    ]);
  });
});

describe('The axes of plots', () => {
  const compared = comparison({
    runs: ['a', 'b', 'c'].map(run_id => ({ run_id }) as IComparison['runs'][number]),
    params: [
      { key: 'lr', values: ['0.001', '0.1', '1'], differs: true },
      { key: 'optimizer', values: ['sgd', 'adam', null], differs: true },
      { key: 'seed', values: ['1', '1', '1'], differs: false }
    ],
    metrics: [{ key: 'loss', values: [0.4, 'NaN', 0.2], goal: 'min', best: 2, differs: true }]
  });
  const axes = axesOf(compared);

  it('are the params that differ and the metrics, what is better last', () => {
    expect(firstAxes(axes, 'loss')).toEqual(['params.lr', 'params.optimizer', 'metrics.loss']);
  });

  it('give words places, and none to NaN and to what is not there', () => {
    const [lr, optimizer, loss] = axes;
    expect(placeOf(lr, 0.001, true)).toBe(0);
    expect(valueAt(lr, placeOf(lr, 0.1, true)!, true)).toBeCloseTo(0.1);
    expect(optimizer.categories).toEqual(['adam', 'sgd']);
    expect(placeOf(optimizer, 'sgd')).toBe(1);
    expect(placeOf(optimizer, null)).toBeNull();
    expect(placeOf(loss, Number.NaN)).toBeNull();
  });

  it('choose runs by a part of them, never those without a place', () => {
    const brushes = new Map([['metrics.loss', [0, 0.6] as const]]);
    expect([0, 1, 2].map(run => isWithin(axes, brushes, run))).toEqual([false, false, true]);
  });

  it('tell how good each run is by its place among all', () => {
    expect(merits(compared)).toEqual([0, null, 1]);
  });
});

describe('The order of runs', () => {
  it('keeps all of them when one is moved beyond an end', () => {
    expect(moved(['a', 'b', 'c'], 'b', 1)).toEqual(['a', 'c', 'b']);
    expect(moved(['a', 'b', 'c'], 'c', 1)).toEqual(['a', 'b', 'c']);
    expect(moved(['a', 'b', 'c'], 'a', -1)).toEqual(['a', 'b', 'c']);
  });
});
