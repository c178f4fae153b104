import { describe, expect, it } from 'vitest';

import { Underway } from '../underway';

describe('what is on the way', () => {
  it('is made once, however often it is asked for meanwhile, and anew afterwards', async () => {
    const underway = new Underway<number>();
    let made = 0;
    const make = async (): Promise<number> => ++made;
    expect(await Promise.all([underway.get('a', make), underway.get('a', make)])).toEqual([1, 1]);
    expect(await underway.get('a', make)).toBe(2);
  });

  it('is known by its key', async () => {
    const underway = new Underway<string>();
    const make = (name: string) => () => Promise.resolve(name);
    expect(
      await Promise.all([underway.get('a', make('one')), underway.get('b', make('other'))])
    ).toEqual(['one', 'other']);
  });

  it('that failed is tried again', async () => {
    const underway = new Underway<string>();
    await expect(underway.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow();
    expect(await underway.get('a', () => Promise.resolve('there'))).toBe('there');
  });
});
