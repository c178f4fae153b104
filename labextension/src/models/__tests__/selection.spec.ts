import { describe, expect, it } from 'vitest';

import { Selection } from '../selection';

describe('A selection', () => {
  it('holds single runs and ranges', () => {
    const selection = new Selection();
    selection.toggle('a', 0);
    selection.setAll(['b', 'c'], true);
    expect([...selection.ids]).toEqual(['a', 'b', 'c']);
    expect(selection.anchor).toBe(0);
    selection.toggle('a', 0);
    expect(selection.has('a')).toBe(false);
    expect(selection.count(100)).toBe(2);
  });

  it('holds all that match but those that were taken out', () => {
    const selection = new Selection();
    selection.selectEverything();
    selection.toggle('a', 3);
    expect(selection.has('a')).toBe(false);
    expect(selection.has('anything')).toBe(true);
    expect(selection.count(100_000)).toBe(99_999);
    expect(selection.count(null)).toBeNull();
    selection.setAll(['a'], true);
    expect(selection.has('a')).toBe(true);
    selection.clear();
    expect(selection.isEmpty).toBe(true);
  });
});
