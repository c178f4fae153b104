import { describe, expect, it } from 'vitest';

import type { IPromotion } from '../../../api/registrytypes';
import { english } from '../../../shared/trans';
import { moveWords, toMoves } from '../moves';
import { standingsOn } from '../holders';

function line(change: Partial<IPromotion>): IPromotion {
  return {
    number: 1,
    name: 'digits',
    kind: 'alias',
    from: null,
    to: null,
    actor: 'ada',
    reason: '',
    time: 0,
    move: change.number ?? 1,
    reverts: null,
    seen: false,
    ...change
  };
}

function words(...lines: Partial<IPromotion>[]): string[] {
  const all = lines.map((one, at) => line({ number: at + 1, move: 1, ...one }));
  return moveWords(toMoves([...all].reverse())[0], english);
}

describe('A move', () => {
  it('is the lines that belong together, oldest first', () => {
    const moves = toMoves([
      line({ number: 4, move: 4 }),
      line({ number: 3, move: 2 }),
      line({ number: 2, move: 2, reason: 'why' }),
      line({ number: 1, move: 1 })
    ]);
    expect(moves.map(({ id, lines }) => [id, lines.map(one => one.number)])).toEqual([
      [4, [4]],
      [2, [2, 3]],
      [1, [1]]
    ]);
  });

  it('says where a version went and whose place it took, and not what it left for that', () => {
    expect(
      words(
        { alias: 'production', from: '1', to: '2' },
        { kind: 'stage', version: '1', from: 'None', to: 'Archived' },
        { alias: 'staging', from: '2', to: null }
      )
    ).toEqual(['v2 to Production, in place of v1', 'v1 to Archived']);
    expect(
      words(
        { alias: 'production', from: '2', to: null },
        { kind: 'stage', version: '2', from: 'None', to: 'Archived' }
      )
    ).toEqual(['v2 to Archived']);
  });

  it('says what a version left when it went nowhere', () => {
    expect(words({ alias: 'staging', from: '2', to: null })).toEqual(['v2 left Staging']);
    expect(words({ kind: 'stage', version: '2', from: 'Archived', to: 'None' })).toEqual([
      'v2 left Archived'
    ]);
  });

  it('tells of other aliases by their names', () => {
    expect(words({ alias: 'champion', to: '2' })).toEqual(['@champion given to v2']);
    expect(words({ alias: 'champion', from: '1', to: '2' })).toEqual(['@champion from v1 to v2']);
    expect(words({ alias: 'champion', from: '2' })).toEqual(['@champion taken from v2']);
  });
});

describe('Who stood where at a moment', () => {
  it('is the version in production, by alias or by stage, and the others', () => {
    expect(
      standingsOn({
        aliases: { champion: '2' },
        stages: { Production: ['1', '3'], Archived: ['1'] }
      })
    ).toEqual({ production: '3', others: [{ version: '2', word: '@champion', isStage: false }] });
    expect(standingsOn({ aliases: {}, stages: {} })).toEqual({ production: null, others: [] });
  });
});
