import { describe, expect, it } from 'vitest';

import { argumentsOf, type IArgument, readArgument, showArgument } from '../arguments';

const SPEC = {
  pipeline: {
    root: {
      inputDefinitions: {
        parameters: {
          steps: { parameterType: 'NUMBER_INTEGER', defaultValue: 5 },
          lr: { parameterType: 'NUMBER_DOUBLE', description: 'How fast it learns.' },
          layers: { parameterType: 'LIST', isOptional: true },
          mode: { parameterType: 'STRING', defaultValue: 'a', literals: ['a', 'b'] },
          old: { type: 'INT' }
        }
      }
    }
  }
};

function take(change: Partial<IArgument>): IArgument {
  const plain = { name: 'x', description: '', optional: false, initial: undefined, choices: [] };
  return { ...plain, kind: 'string', ...change };
}

describe('the arguments of a pipeline', () => {
  it('are those of its root, with types, defaults and choices', () => {
    const found = argumentsOf(SPEC);
    expect(found.map(({ name, kind, optional }) => [name, kind, optional])).toEqual([
      ['steps', 'int', true],
      ['lr', 'float', false],
      ['layers', 'list', true],
      ['mode', 'string', true],
      ['old', 'int', false]
    ]);
    expect(found[3].choices).toEqual(['a', 'b']);
    expect(argumentsOf({ pipeline: {} })).toEqual([]);
  });

  it('are read as what they are, and wrong ones say so', () => {
    expect(readArgument(take({ kind: 'int' }), ' 12 ')).toEqual({ value: 12 });
    expect(readArgument(take({ kind: 'int' }), '1.5')).toEqual({ mistake: 'no-int' });
    expect(readArgument(take({ kind: 'float' }), '1e-3')).toEqual({ value: 0.001 });
    expect(readArgument(take({ kind: 'float' }), 'much')).toEqual({ mistake: 'no-number' });
    expect(readArgument(take({ kind: 'bool' }), 'false')).toEqual({ value: false });
    expect(readArgument(take({ kind: 'list' }), '[1, 2]')).toEqual({ value: [1, 2] });
    expect(readArgument(take({ kind: 'list' }), '{}')).toEqual({ mistake: 'no-list' });
    expect(readArgument(take({ kind: 'struct' }), '[]')).toEqual({ mistake: 'no-struct' });
    expect(readArgument(take({ kind: 'struct' }), '{')).toMatchObject({ mistake: 'bad-json' });
    expect(readArgument(take({ kind: 'string' }), '{{$}} <b>')).toEqual({ value: '{{$}} <b>' });
  });

  it('are left out where they may be, and missed where not', () => {
    expect(readArgument(take({ kind: 'int' }), '')).toEqual({ mistake: 'missing' });
    expect(readArgument(take({ kind: 'int', optional: true }), '')).toEqual({ isLeftOut: true });
    expect(readArgument(take({ optional: true }), '')).toEqual({ isLeftOut: true });
    expect(readArgument(take({ optional: true, initial: 'a' }), '')).toEqual({ value: '' });
  });

  it('are shown as they are typed, and read back', () => {
    const struct = take({ kind: 'struct' });
    const value = { a: [1, 'two'], b: null };
    expect(readArgument(struct, showArgument(struct, value))).toEqual({ value });
    expect(showArgument({ kind: 'bool' }, false)).toBe('false');
    expect(showArgument({ kind: 'float' }, undefined)).toBe('');
  });
});
