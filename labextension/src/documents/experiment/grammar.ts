import { type Field, splitField } from '../../models/fields';

/** What may stand at a place of a filter. */
export type Expected = 'key' | 'operator' | 'value' | 'join';

/** What is being typed. */
export interface ISpot {
  expected: Expected;
  /** The field that is compared, once it is there. */
  field: Field | null;
  /** What is typed of the word at the cursor. */
  typed: string;
  /** Where that word is. */
  from: number;
  to: number;
}

interface IToken {
  text: string;
  from: number;
  to: number;
}

const TOKEN =
  /(?:\w+\.)(?:`[^`]*`?|"[^"]*"?|[^\s'"`()<>=!,]*)|'[^']*'?|"[^"]*"?|[<>!]=?|=|[(),]|[^\s'"`()<>=!,]+/g;

const KINDS: Record<string, string> = {
  metric: 'metrics',
  metrics: 'metrics',
  param: 'params',
  params: 'params',
  parameters: 'params',
  tag: 'tags',
  tags: 'tags',
  attr: 'attributes',
  attribute: 'attributes',
  attributes: 'attributes',
  run: 'attributes'
};

const SYMBOLS = new Set(['=', '!=', '<', '<=', '>', '>=']);
const WORDS = new Set(['LIKE', 'ILIKE', 'RLIKE', 'IN']);

/** Find out what may stand where the cursor is. */
export function spotAt(text: string, cursor: number): ISpot {
  const tokens = tokensOf(text);
  const current = tokens.find(({ from, to }) => from < cursor && cursor <= to);
  const isOpen =
    current !== undefined && !SYMBOLS.has(current.text) && !'(),'.includes(current.text);
  const before = tokens.filter(({ to }) => to <= cursor && !(isOpen && to === current.to));
  const { expected, field } = walk(before);
  return {
    expected,
    field,
    typed: isOpen ? text.slice(current.from, cursor) : '',
    from: isOpen ? current.from : cursor,
    to: isOpen ? current.to : cursor
  };
}

/** Whether a filter could be asked as it is, rather than being in the middle of a comparison. */
export function isWhole(text: string): boolean {
  const tokens = tokensOf(text);
  const quotes = [/^'[^']*$/, /^"[^"]*$/, /\.`[^`]*$/, /\."[^"]*$/];
  if (tokens.some(token => quotes.some(pattern => pattern.test(token.text)))) {
    return false;
  }
  return tokens.length === 0 || walk(tokens).expected === 'join';
}

/** The filter with a word in the place of what was typed of it, and where the cursor goes. */
export function completed(text: string, spot: ISpot, word: string): [string, number] {
  const after = text.slice(spot.to);
  const space = spot.expected === 'value' || /^\s/.test(after) ? '' : ' ';
  return [text.slice(0, spot.from) + word + space + after, spot.from + word.length + space.length];
}

/** A field as it is written in a filter. */
export function written(field: Field): string {
  const { kind, key } = splitField(field);
  return /^[A-Za-z_][\w.]*$/.test(key) ? `${kind}.${key}` : `${kind}.\`${key.replace(/`/g, '')}\``;
}

/** Text as a value in a filter. */
export function quotedText(text: string): string {
  return text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replace(/'/g, "''")}'`;
}

/** The field that is meant by a word of a filter. */
export function fieldOf(word: string): Field {
  const [, kind, key] = /^(\w+)\.(.*)$/.exec(word) ?? [];
  return kind === undefined || !Object.hasOwn(KINDS, kind.toLowerCase())
    ? `attributes.${word}`
    : `${KINDS[kind.toLowerCase()]}.${key.replace(/^[`"]|[`"]$/g, '')}`;
}

function tokensOf(text: string): IToken[] {
  return [...text.matchAll(TOKEN)].map(match => ({
    text: match[0],
    from: match.index,
    to: match.index + match[0].length
  }));
}

function walk(tokens: readonly IToken[]): { expected: Expected; field: Field | null } {
  let expected: Expected = 'key';
  let field: Field | null = null;
  let isList = false;
  for (const { text } of tokens) {
    const word = text.toUpperCase();
    switch (expected) {
      case 'key':
        if (text !== '(' && word !== 'NOT') {
          field = fieldOf(text);
          expected = 'operator';
        }
        break;
      case 'operator':
        if (SYMBOLS.has(text) || WORDS.has(word)) {
          expected = 'value';
          isList = word === 'IN';
        } else if (word === 'NULL') {
          expected = 'join';
        }
        break;
      case 'value':
        if (isList) {
          expected = text === ')' ? 'join' : 'value';
        } else {
          expected = 'join';
        }
        break;
      case 'join':
        if (word === 'AND' || word === 'OR') {
          expected = 'key';
          field = null;
        }
        break;
    }
  }
  return { expected, field };
}
