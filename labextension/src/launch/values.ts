import type { ParamValue } from '../api/types';

/** Words that are values in Python or in JSON. */
const WORDS = new Map<string, ParamValue>([
  ['True', true],
  ['true', true],
  ['False', false],
  ['false', false],
  ['None', null],
  ['null', null]
]);

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const SIZE = /^\d+(\.\d+)?\s*([kmgtp]i?)?b?$/i;
const DURATION =
  /^(?=\d)(\d+(\.\d+)?\s*d)?\s*(\d+(\.\d+)?\s*h)?\s*(\d+(\.\d+)?\s*m(in)?)?\s*(\d+(\.\d+)?\s*s?)?$/i;

/** What was typed as a value: a number, a truth value, nothing, or text. Quotes force text. */
export function parseValue(text: string): ParamValue {
  const trimmed = text.trim();
  if (WORDS.has(trimmed)) {
    return WORDS.get(trimmed)!;
  }
  if (NUMBER.test(trimmed)) {
    return Number(trimmed);
  }
  const quoted = /^(["'])(.*)\1$/.exec(trimmed);
  return quoted ? quoted[2] : text;
}

/** A value as one types it; never an empty text, which leaves a value out. */
export function showValue(value: ParamValue): string {
  if (typeof value === 'string') {
    return value && parseValue(value) === value ? value : `"${value}"`;
  }
  if (value === null) {
    return 'None';
  }
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}

/** Whether a text is a size such as `16Gi`. */
export function isSize(text: string): boolean {
  return SIZE.test(text.trim());
}

/** Whether a text is a duration such as `2h` or `1h30m`. */
export function isDuration(text: string): boolean {
  return DURATION.test(text.trim());
}

/** The lines of a text box that say something. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean);
}

/** The words of a command line, quotes and backslashes taken as a POSIX shell does. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  const pattern = /((?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+)/g;
  for (const [word] of text.matchAll(pattern)) {
    words.push(
      word.replace(/\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, escaped, double, single) =>
        escaped !== undefined
          ? escaped
          : double !== undefined
            ? double.replace(/\\(["\\])/g, '$1')
            : single
      )
    );
  }
  return words;
}

/** A word that a POSIX shell takes as it is. */
export function quoteWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) {
    return word;
  }
  return word.includes("'") ? `"${word.replace(/(["\\])/g, '\\$1')}"` : `'${word}'`;
}
