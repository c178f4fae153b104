import { applySgr, PLAIN, type ITextStyle } from './style';

/** A stretch of a line in one style. */
export interface ISpan {
  text: string;
  style: ITextStyle;
}

/** A finished line of a log. `spans` is absent when the whole line is plain. */
export interface ILine {
  text: string;
  spans?: ISpan[];
  /** How many characters were left out at the end. */
  cut?: number;
}

/** What moves the cursor or the style; any other control sequence is dropped. */
const CONTROL =
  /\x1b\[([0-9;:?]*)([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_=>]|[\r\b\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

/**
 * One line of a terminal while it is being written: a carriage return goes
 * back to its start and what follows overwrites, as progress bars rely on.
 */
export class ScreenLine {
  private chars: string[] = [];
  private styles: ITextStyle[] = [];
  private cursor = 0;
  private plain = '';
  private isPlain = true;
  private cut = 0;

  constructor(
    private style: ITextStyle = PLAIN,
    private readonly limit = 10_000
  ) {}

  /** The style that the next line begins with. */
  get endStyle(): ITextStyle {
    return this.style;
  }

  /** Write text that has no line break in it. */
  write(text: string): void {
    CONTROL.lastIndex = 0;
    let at = 0;
    for (let match = CONTROL.exec(text); match; match = CONTROL.exec(text)) {
      this.put(text.slice(at, match.index));
      at = match.index + match[0].length;
      this.control(match);
    }
    this.put(at === 0 ? text : text.slice(at));
  }

  /** The line as it stands. */
  finish(): ILine {
    const cut = this.cut > 0 ? { cut: this.cut } : {};
    if (this.isPlain) {
      return { text: this.plain, ...cut };
    }
    const text = this.chars.join('').trimEnd();
    const spans = this.toSpans(text.length);
    return spans.every(span => span.style === PLAIN) ? { text, ...cut } : { text, spans, ...cut };
  }

  private control(match: RegExpExecArray): void {
    const [whole, codes, verb] = match;
    if (whole === '\r') {
      if (this.plain.length > 0 || !this.isPlain) {
        this.toCells();
      }
      this.cursor = 0;
      this.cut = 0;
    } else if (whole === '\b') {
      this.toCells();
      this.cursor = Math.max(0, this.cursor - 1);
    } else if (verb === 'm') {
      this.style = applySgr(this.style, codes ?? '');
    } else if (verb === 'K') {
      this.toCells();
      this.erase(Number(codes) || 0);
    } else if (verb === 'G') {
      this.toCells();
      this.cursor = Math.min(Math.max(0, (Number(codes) || 1) - 1), this.chars.length);
    }
  }

  private erase(mode: number): void {
    if (mode === 0) {
      this.chars.length = Math.min(this.chars.length, this.cursor);
      this.styles.length = this.chars.length;
    } else if (mode === 2) {
      this.chars = this.chars.map(() => ' ');
      this.styles = this.styles.map(() => PLAIN);
    }
  }

  private put(text: string): void {
    if (!text) {
      return;
    }
    if (this.isPlain && this.style === PLAIN) {
      const room = this.limit - this.plain.length;
      this.plain += room >= text.length ? text : text.slice(0, Math.max(0, room));
      this.cut += Math.max(0, text.length - Math.max(0, room));
      return;
    }
    this.toCells();
    for (const char of text) {
      if (this.cursor >= this.limit) {
        this.cut += 1;
        continue;
      }
      this.chars[this.cursor] = char;
      this.styles[this.cursor] = this.style;
      this.cursor += 1;
    }
  }

  /** Give up the fast path of text that was only ever appended. */
  private toCells(): void {
    if (this.isPlain) {
      this.isPlain = false;
      this.chars = Array.from(this.plain);
      this.styles = this.chars.map(() => PLAIN);
      this.cursor = this.chars.length;
      this.plain = '';
    }
  }

  private toSpans(length: number): ISpan[] {
    const spans: ISpan[] = [];
    let used = 0;
    for (let at = 0; at < this.chars.length && used < length; at++) {
      const last = spans[spans.length - 1];
      if (last && last.style === this.styles[at]) {
        last.text += this.chars[at];
      } else {
        spans.push({ text: this.chars[at], style: this.styles[at] });
      }
      used += this.chars[at].length;
    }
    return spans;
  }
}
