import { describe, expect, it } from 'vitest';

import { isDuration, isSize, parseValue, quoteWord, showValue, splitWords } from '../values';

describe('values as people type them', () => {
  it.each([
    ['0.01', 0.01],
    [' 5 ', 5],
    ['-1e-3', -0.001],
    ['True', true],
    ['None', null],
    ['adam', 'adam'],
    ['"5"', '5'],
    ["'True'", 'True'],
    ['1.2.3', '1.2.3'],
    ['', '']
  ])('%s is %j', (text, value) => {
    expect(parseValue(text)).toBe(value);
  });

  it('come back as they were', () => {
    for (const value of [0.01, 5, true, false, null, '', 'adam', '5', 'None', 'a b']) {
      expect(parseValue(showValue(value))).toBe(value);
    }
  });

  it('are sizes and durations', () => {
    expect(['16Gi', '512M', '1.5 GiB', '1000'].every(isSize)).toBe(true);
    expect(['lots', '16X', ''].some(isSize)).toBe(false);
    expect(['90s', '2h', '1h30m', '30 min', '45'].every(isDuration)).toBe(true);
    expect(['soon', '2x', ''].some(isDuration)).toBe(false);
  });
});

describe('words of a command line', () => {
  it('are split as a shell does', () => {
    expect(splitWords(`--name "my run" --param s='a "b"' --x a\\ b`)).toEqual([
      '--name',
      'my run',
      '--param',
      's=a "b"',
      '--x',
      'a b'
    ]);
  });

  it('survive quoting', () => {
    for (const word of ['plain', 'with space', 'it’s', "it's", 'a"b', 'back\\slash', 'x=$y']) {
      expect(splitWords(quoteWord(word))).toEqual([word]);
    }
  });
});
