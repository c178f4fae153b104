import { describe, expect, it } from 'vitest';

import { LogLines, tailLines } from '../log/lines';
import { ScreenLine } from '../log/screenline';
import { applySgr, PLAIN } from '../log/style';

function shown(...pieces: string[]): string[] {
  const log = new LogLines();
  pieces.forEach(piece => log.write(piece));
  return log.lines.map(line => line.text);
}

describe('the text of a log', () => {
  it('is split into lines, the last of which may be unfinished', () => {
    expect(shown('a\nb\n\nc')).toEqual(['a', 'b', '', 'c']);
    expect(shown('a\n')).toEqual(['a']);
  });

  it('does not depend on where the pieces were cut', () => {
    expect(shown('ep', 'och=1\nepo', 'ch=2', '\n')).toEqual(['epoch=1', 'epoch=2']);
    expect(shown('a\r', '\nb\r', '\n')).toEqual(['a', 'b']);
    expect(shown('\x1b', '[3', '1mred\x1b[', '0m\n')).toEqual(['red']);
  });

  it('shows what a progress bar drew last', () => {
    expect(shown('\r 10%|#   |\r 50%|##  |\r100%|####|\n')).toEqual(['100%|####|']);
  });

  it('keeps what a shorter text after a carriage return does not cover', () => {
    expect(shown('abcdef\rXY')).toEqual(['XYcdef']);
    expect(shown('abcdef\rXY\x1b[K')).toEqual(['XY']);
  });

  it('takes back what a backspace takes back', () => {
    expect(shown('12%\b\b\b13%')).toEqual(['13%']);
  });

  it('drops control sequences that only a screen could follow', () => {
    expect(shown('\x1b[2J\x1b[1Aup\x1b]0;title\x07!\x07')).toEqual(['up!']);
  });

  it('cuts endless lines and says by how much', () => {
    const line = new ScreenLine(PLAIN, 10);
    line.write('x'.repeat(25));
    expect(line.finish()).toEqual({ text: 'x'.repeat(10), cut: 15 });
  });

  it('forgets the oldest lines and counts them', () => {
    const log = new LogLines(100);
    log.write('line\n'.repeat(1000));
    expect(log.lines.length).toBeLessThanOrEqual(125);
    expect(log.lines.length + log.dropped).toBe(1000);
    expect(tailLines('1\n2\n3\n', 2).map(line => line.text)).toEqual(['2', '3']);
  });
});

describe('the colours of a log', () => {
  it('are carried over line ends until they are reset', () => {
    const log = new LogLines();
    log.write('\x1b[1;31mred\nstill\x1b[0m plain\n');
    expect(log.lines[0].spans).toEqual([{ text: 'red', style: { bold: true, color: 1 } }]);
    expect(log.lines[1].spans?.map(span => span.style)).toEqual([{ bold: true, color: 1 }, PLAIN]);
  });

  it('know the 256 colours and true colour', () => {
    expect(applySgr(PLAIN, '38;5;196')).toEqual({ color: 'rgb(255 0 0)' });
    expect(applySgr(PLAIN, '38;5;9')).toEqual({ color: 9 });
    expect(applySgr(PLAIN, '48;2;1;2;3')).toEqual({ background: 'rgb(1 2 3)' });
    expect(applySgr({ color: 1 }, '39')).toBe(PLAIN);
  });

  it('never let text become markup or style', () => {
    expect(applySgr(PLAIN, '38;2;9999;-1;x')).toEqual({ color: 'rgb(255 0 0)' });
    expect(shown('<img src=x onerror=alert(1)>')).toEqual(['<img src=x onerror=alert(1)>']);
  });
});
