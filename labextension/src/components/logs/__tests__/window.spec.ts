import { describe, expect, it } from 'vitest';

import { Finder } from '../matches';
import { byteLength, LogWindow, type IPiece } from '../window';

/** The piece of a log between two offsets, as the server would send it. */
function piece(log: Uint8Array, offset: number, next: number): IPiece {
  return { offset, next, data: new TextDecoder().decode(log.subarray(offset, next)) };
}

function makeLog(lines: number): { bytes: Uint8Array; lines: string[] } {
  const all = Array.from({ length: lines }, (_, at) => `line ${at} ${'é'.repeat(at % 7)}`);
  return { bytes: new TextEncoder().encode(all.map(line => `${line}\n`).join('')), lines: all };
}

describe('the part of a log that is held', () => {
  it('begins with a whole line when it begins in the middle', () => {
    const { bytes, lines } = makeLog(100);
    const window = new LogWindow();
    window.append(piece(bytes, 500, bytes.length));
    const shown = window.lines.map(line => line.text);
    expect(lines.slice(-shown.length)).toEqual(shown);
    expect(window.start).toBeGreaterThan(500);
  });

  it('grows upwards without losing or doubling a line', () => {
    const { bytes, lines } = makeLog(200);
    const window = new LogWindow();
    window.append(piece(bytes, 1500, bytes.length));
    while (window.start > 0) {
      const from = Math.max(0, window.start - 301);
      window.prepend(piece(bytes, from, window.start));
    }
    expect(window.lines.map(line => line.text)).toEqual(lines);
    expect(window.base + window.lines.length).toBeGreaterThan(0);
  });

  it('keeps the numbers of lines while others are put before them', () => {
    const { bytes } = makeLog(100);
    const window = new LogWindow();
    window.append(piece(bytes, 700, bytes.length));
    const first = window.lines[0].text;
    window.prepend(piece(bytes, 0, window.start));
    expect(window.lines[0 - window.base].text).toBe(first);
  });

  it('never holds more than a few megabytes, whichever end grows', () => {
    const { bytes, lines } = makeLog(400_000);
    const window = new LogWindow();
    const step = 256 * 1024;
    for (let at = 0; at < bytes.length; at += step) {
      window.append(piece(bytes, at, Math.min(bytes.length, at + step)));
      window.trimTop();
    }
    expect(window.bytes).toBeLessThan(5 * 2 ** 20);
    expect(window.lines[window.lines.length - 1].text).toBe(lines[lines.length - 1]);
    const { start } = window;
    expect(bytes[start - 1]).toBe('\n'.charCodeAt(0));

    window.prepend(piece(bytes, Math.max(0, start - 2 * 2 ** 20), start));
    window.trimBottom();
    expect(window.bytes).toBeLessThan(5 * 2 ** 20);
    expect(bytes[window.end - 1]).toBe('\n'.charCodeAt(0));
    const last = window.lines[window.lines.length - 1].text;
    window.append(piece(bytes, window.end, window.end + 100));
    const at = lines.indexOf(last);
    expect(window.lines[window.lines.length - 1].text.startsWith('line')).toBe(true);
    expect(window.lines.map(line => line.text)).toContain(lines[at + 1]);
  });

  it('counts bytes, not characters', () => {
    expect(byteLength('aé漢')).toBe(6);
  });
});

describe('finding in a log', () => {
  const lines = ['Loss is 1', 'nothing', 'loss LOSS'].map(text => ({ text }));

  it('ignores capitals unless there are some in the query', () => {
    expect(new Finder('loss').matches(lines, 10).map(match => match.line)).toEqual([10, 12, 12]);
    expect(new Finder('LOSS').matches(lines, 0)).toEqual([{ line: 2, from: 5, to: 9 }]);
  });

  it('takes every character as it stands', () => {
    expect(new Finder('.*').matches(lines, 0)).toEqual([]);
  });
});
