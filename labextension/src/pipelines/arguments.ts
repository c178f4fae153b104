import type { ISpec } from '../api/pipelinerecords';
import { list, record, text } from '../api/raw';

/** What kind of value a pipeline takes. */
export type ArgumentKind = 'int' | 'float' | 'bool' | 'string' | 'list' | 'struct';

/** Something that a pipeline takes. */
export interface IArgument {
  name: string;
  kind: ArgumentKind;
  description: string;
  /** Whether it may be left out. */
  optional: boolean;
  /** The value that stands for one that was left out; `undefined` where there is none. */
  initial: unknown;
  /** The only values that are allowed; empty allows all. */
  choices: readonly unknown[];
}

/** What is wrong with what was typed for an argument. */
export type ArgumentMistake =
  'missing' | 'no-int' | 'no-number' | 'no-list' | 'no-struct' | 'bad-json';

/** What was typed, read: a value, nothing where it is left out, or what is wrong with it. */
export type ArgumentReading =
  { value: unknown } | { isLeftOut: true } | { mistake: ArgumentMistake; detail?: string };

// Those without an underscore are how older compilers wrote them.
const KINDS: Record<string, ArgumentKind> = {
  NUMBER_INTEGER: 'int',
  INT: 'int',
  NUMBER_DOUBLE: 'float',
  DOUBLE: 'float',
  BOOLEAN: 'bool',
  STRING: 'string',
  LIST: 'list',
  STRUCT: 'struct'
};

const INTEGER = /^[-+]?\d+$/;
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/** JSON that is longer than this is shown on lines of its own. */
const LINE = 60;

/** What a compiled pipeline takes, in the order of its author. */
export function argumentsOf({ pipeline }: ISpec): IArgument[] {
  const inputs = record(record(pipeline.root).inputDefinitions);
  return Object.entries(record(inputs.parameters)).map(([name, raw]) => {
    const found = record(raw);
    const initial = found.defaultValue;
    return {
      name,
      kind: KINDS[text(found.parameterType) || text(found.type)] ?? 'string',
      description: text(found.description),
      optional: found.isOptional === true || initial !== undefined,
      initial,
      choices: list(found.literals)
    };
  });
}

/** What is typed for a value; the empty text leaves it out. */
export function showArgument({ kind }: Pick<IArgument, 'kind'>, value: unknown): string {
  if (value === undefined || value === null) {
    return '';
  }
  if (kind === 'string' && typeof value === 'string') {
    return value;
  }
  if (kind !== 'list' && kind !== 'struct') {
    return String(value);
  }
  const line = JSON.stringify(value);
  return line.length > LINE ? JSON.stringify(value, null, 2) : line;
}

/** Read what was typed for an argument. */
export function readArgument(argument: IArgument, typed: string): ArgumentReading {
  const { kind, optional, initial } = argument;
  const trimmed = typed.trim();
  if (kind === 'string') {
    // A text that was emptied is meant; one that never was there is left out.
    return typed || initial !== undefined
      ? { value: typed }
      : optional
        ? { isLeftOut: true }
        : { mistake: 'missing' };
  }
  if (!trimmed) {
    return optional ? { isLeftOut: true } : { mistake: 'missing' };
  }
  switch (kind) {
    case 'int':
      return INTEGER.test(trimmed) && Number.isSafeInteger(Number(trimmed))
        ? { value: Number(trimmed) }
        : { mistake: 'no-int' };
    case 'float':
      return NUMBER.test(trimmed) ? { value: Number(trimmed) } : { mistake: 'no-number' };
    case 'bool':
      return { value: trimmed === 'true' };
    default:
      return readJson(kind, trimmed);
  }
}

function readJson(kind: 'list' | 'struct', typed: string): ArgumentReading {
  let value: unknown;
  try {
    value = JSON.parse(typed);
  } catch (error) {
    return { mistake: 'bad-json', detail: error instanceof Error ? error.message : '' };
  }
  const isList = Array.isArray(value);
  if (kind === 'list') {
    return isList ? { value } : { mistake: 'no-list' };
  }
  return typeof value === 'object' && value !== null && !isList
    ? { value }
    : { mistake: 'no-struct' };
}
