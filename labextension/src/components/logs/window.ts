import { LogLines } from '../../shared/log/lines';
import type { ILine } from '../../shared/log/screenline';

/** How many bytes of a log are held at most, and how many are kept when there are more. */
const MAX_BYTES = 4 * 2 ** 20;
const KEPT_BYTES = 3 * 2 ** 20;

const encoder = new TextEncoder();

/** A place where a line begins: the line's number and its offset in bytes. */
interface IMark {
  line: number;
  offset: number;
}

/** A piece of a log as it comes from the server. */
export interface IPiece {
  offset: number;
  next: number;
  data: string;
}

/**
 * The part of a log that is held: whole lines between two offsets, grown at both ends and cut at
 * the far one, so that a log of any size costs a few megabytes.
 *
 * Lines have numbers that stay while text is put before them; the first one ever held has 0.
 */
export class LogWindow {
  /** The number of the first line held. */
  base = 0;
  /** How often everything was forgotten; numbers mean nothing across that. */
  epoch = 0;
  /** The offset of the first byte held, and of the first byte after what is held. */
  start = 0;
  end = 0;

  private log = new LogLines();
  private marks: IMark[] = [];

  get lines(): readonly ILine[] {
    return this.log.lines;
  }

  get isEmpty(): boolean {
    return this.end === this.start;
  }

  get bytes(): number {
    return this.end - this.start;
  }

  get isFull(): boolean {
    return this.bytes > MAX_BYTES;
  }

  /** Forget everything; the next piece may begin anywhere. */
  clear(at = 0): void {
    this.log = new LogLines();
    this.marks = [];
    this.base = 0;
    this.epoch += 1;
    this.start = this.end = at;
  }

  /** Add what follows. A first piece that begins within a line loses that line unless `whole`. */
  append(piece: IPiece, whole = false): void {
    let { offset, data } = piece;
    if (this.isEmpty) {
      if (offset > 0 && !whole) {
        const cut = data.indexOf('\n') + 1;
        offset += byteLength(data.slice(0, cut));
        data = data.slice(cut);
      }
      this.start = offset;
      this.marks = [{ line: 0, offset }];
    } else {
      this.mark(offset, data);
    }
    this.log.write(data);
    this.end = piece.next;
  }

  /** Add what comes before; returns how many lines that were. */
  prepend(piece: IPiece): number {
    let { offset, data } = piece;
    const last = data.lastIndexOf('\n') + 1;
    if (last > 0 && last < data.length) {
      // Only where bytes that are no text made offsets differ: the rest is held already.
      data = data.slice(0, last);
    }
    const cut = offset > 0 ? data.indexOf('\n') + 1 : 0;
    if (cut < data.length) {
      offset += byteLength(data.slice(0, cut));
      data = data.slice(cut);
    }
    const earlier = new LogLines();
    earlier.write(data);
    this.log.lines = earlier.lines.concat(this.log.lines);
    this.base -= earlier.lines.length;
    this.start = offset;
    this.marks.unshift({ line: this.base, offset });
    return earlier.lines.length;
  }

  /** Cut lines at the top until little enough is held. */
  trimTop(): void {
    const target = this.end - KEPT_BYTES;
    const mark = this.marks.find(({ offset }) => offset >= target);
    if (!this.isFull || !mark) {
      return;
    }
    this.log.lines.splice(0, mark.line - this.base);
    this.base = mark.line;
    this.start = mark.offset;
    this.marks = this.marks.filter(({ line }) => line >= mark.line);
  }

  /** Cut lines at the bottom until little enough is held. */
  trimBottom(): void {
    const target = this.start + KEPT_BYTES;
    const mark = [...this.marks].reverse().find(({ offset }) => offset <= target);
    if (!this.isFull || !mark || mark.offset <= this.start) {
      return;
    }
    this.log.lines.length = mark.line - this.base;
    this.log.startOver();
    this.end = mark.offset;
    this.marks = this.marks.filter(({ line }) => line < mark.line);
  }

  /** Remember where the first line that begins in a piece begins. */
  private mark(offset: number, data: string): void {
    const { lines, isOpen } = this.log;
    if (!isOpen) {
      this.marks.push({ line: this.base + lines.length, offset });
      return;
    }
    const cut = data.indexOf('\n') + 1;
    if (cut > 0) {
      this.marks.push({
        line: this.base + lines.length,
        offset: offset + byteLength(data.slice(0, cut))
      });
    }
  }
}

/** How many bytes a text takes in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}
