import { describe, expect, it } from 'vitest';

import type { ILine } from '../../../shared/log/screenline';
import { Level, levelOf, LevelReader, linesFrom } from '../levels';

function linesOf(...texts: string[]): ILine[] {
  return texts.map(text => ({ text }) as ILine);
}

describe('the level of a line', () => {
  it.each([
    ['2026-01-02 10:00:00,123 - trainer - WARNING - low memory', Level.Warning],
    ['INFO:root:begins', Level.Info],
    ['[ERROR] it broke', Level.Error],
    ['DEBUG x=1', Level.Debug],
    ['train.py:3: UserWarning: deprecated', Level.Warning],
    ['ValueError: shapes do not fit', Level.Error]
  ])('is read off “%s”', (text, level) => expect(levelOf(text)).toBe(level));

  it.each(['loss=0.1', 'no ERRORS here', 'error rate 0.1', 'INFORMATION'])(
    'is not read into “%s”',
    text => expect(levelOf(text)).toBeNull()
  );
});

describe('the lines of a log', () => {
  it('that are indented belong to the line above', () => {
    const levels = new LevelReader().read(
      linesOf(
        'INFO begins',
        'Traceback (most recent call last):',
        '  File "a.py"',
        'KeyError: 1',
        'goes on'
      )
    )!;
    expect(linesFrom(levels, Level.Error)).toEqual([1, 2, 3]);
    expect(linesFrom(levels, Level.Info)).toEqual([0, 1, 2, 3, 4]);
  });

  it('have no levels where no line says one', () => {
    expect(new LevelReader().read(linesOf('loss=1', '  loss=2'))).toBeNull();
  });
});
