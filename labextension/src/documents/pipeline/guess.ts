import { kindOf, type PreviewKind } from '../run/artifacts/kinds';
import { toText } from '../run/artifacts/read';

/** The most that is read of an artifact to be looked at. */
export const MOST_READ = 5 * 2 ** 20;

/** What images begin with. */
const MAGIC: [string, number[]][] = [
  ['png', [0x89, 0x50, 0x4e, 0x47]],
  ['jpg', [0xff, 0xd8, 0xff]],
  ['gif', [0x47, 0x49, 0x46, 0x38]]
];

/** How an artifact is shown, and a name with the ending that this takes. */
export interface IGuess {
  kind: PreviewKind;
  path: string;
}

/**
 * How an artifact can be looked at: by its type, the ending of its address, or what it begins with.
 * The SDK names most files after outputs, without any ending.
 */
export function guessKind(type: string, uri: string, bytes: Uint8Array, isWhole: boolean): IGuess {
  const name = uri.split('/').pop() || 'artifact';
  if (type === 'Markdown') {
    return { kind: 'markdown', path: name };
  }
  if (type === 'HTML') {
    return { kind: isWhole ? 'html' : 'text', path: name };
  }
  const image = MAGIC.find(([, start]) => start.every((byte, at) => bytes[at] === byte));
  if (image) {
    return { kind: isWhole ? 'image' : 'none', path: `${name}.${image[0]}` };
  }
  const text = toText(bytes);
  if (text === null) {
    return { kind: 'none', path: name };
  }
  const named = kindOf(name);
  if (named === 'table' || named === 'json' || named === 'markdown') {
    return { kind: named, path: name };
  }
  const [first = '', second = ''] = text.split('\n', 2);
  if (isWhole && /^\s*[[{]/.test(text) && isJson(text)) {
    return { kind: 'json', path: `${name}.json` };
  }
  for (const [ending, separator] of [
    ['csv', ','],
    ['tsv', '\t']
  ]) {
    const columns = first.split(separator).length;
    if (columns > 1 && second.split(separator).length === columns) {
      return { kind: 'table', path: `${name}.${ending}` };
    }
  }
  return { kind: 'text', path: name };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
