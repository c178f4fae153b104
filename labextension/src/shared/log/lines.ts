import { ScreenLine, type ILine } from './screenline';

/** A control sequence of which the end has not come yet. */
const UNFINISHED = /\x1b(?:\[[0-9;:?]{0,40}|\][^\x07\x1b]{0,200})?$/;

/** Text of a log as lines, as a terminal would show them, never more than `maxLines`. */
export class LogLines {
  /** The finished lines and, last, the one that is being written (if it has begun). */
  lines: ILine[] = [];
  /** How many lines were dropped at the top. */
  dropped = 0;

  private current = new ScreenLine();
  private open = false;
  private held = '';

  constructor(private readonly maxLines = Infinity) {}

  /** Whether the last line has no end yet. */
  get isOpen(): boolean {
    return this.open;
  }

  write(piece: string): void {
    let text = this.held + piece;
    this.held = text.includes('\x1b', text.length - 256) ? (UNFINISHED.exec(text)?.[0] ?? '') : '';
    if (this.held) {
      text = text.slice(0, -this.held.length);
    }
    let at = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      const stop = text[end - 1] === '\r' && end > at ? end - 1 : end;
      this.extend(text.slice(at, stop));
      this.close();
      at = end + 1;
    }
    if (at < text.length) {
      this.extend(at === 0 ? text : text.slice(at));
    }
    this.trim();
  }

  /** Take what comes next as the beginning of a line, whatever came before. */
  startOver(): void {
    this.open = false;
    this.held = '';
    this.current = new ScreenLine();
  }

  private extend(text: string): void {
    this.current.write(text);
    const line = this.current.finish();
    if (this.open) {
      this.lines[this.lines.length - 1] = line;
    } else {
      this.lines.push(line);
      this.open = true;
    }
  }

  private close(): void {
    this.current = new ScreenLine(this.current.endStyle);
    this.open = false;
  }

  private trim(): void {
    // Some slack, so that not each line moves the whole array.
    if (this.lines.length > this.maxLines * 1.25) {
      const surplus = this.lines.length - this.maxLines;
      this.lines.splice(0, surplus);
      this.dropped += surplus;
    }
  }
}

/** The last lines of a text. */
export function tailLines(text: string, maxLines: number): ILine[] {
  const log = new LogLines();
  log.write(text);
  return log.lines.slice(-maxLines);
}
