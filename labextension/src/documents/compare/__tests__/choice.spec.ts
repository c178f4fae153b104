import { describe, expect, it } from 'vitest';

import { type IPlotChoice, readChoice, withPair, writeChoice } from '../plots/choice';

const CHOICE: IPlotChoice = {
  colouring: 'run',
  axes: ['params.lr', 'params.__proto__'],
  brushes: [['params.lr', [0.25, 1]]],
  x: 'params.lr',
  logs: [['metrics.loss', false]]
};

describe('what was chosen of the plots', () => {
  it('is read as it was written', () => {
    expect(readChoice(writeChoice(CHOICE))).toEqual(CHOICE);
    expect(readChoice(undefined)).toEqual({});
  });

  it('is taken without what cannot be understood', () => {
    const saved = {
      colouring: 'rainbow',
      axes: ['params.lr', 7],
      brushes: [['params.lr', [0, 2]], ['params.lr', [0, 0.5]], 'all'],
      x: null,
      logs: { 'metrics.loss': true }
    };
    expect(readChoice(saved)).toEqual({ axes: ['params.lr'], brushes: [['params.lr', [0, 0.5]]] });
    expect(readChoice('anything')).toEqual({});
  });

  it('changes by one key at a time', () => {
    const pairs = withPair([['a', 1]], 'b', 2);
    expect(withPair(pairs, 'a', 3)).toEqual([
      ['b', 2],
      ['a', 3]
    ]);
    expect(withPair(pairs, 'a', null)).toEqual([['b', 2]]);
  });
});
