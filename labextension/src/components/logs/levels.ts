import type { ILine } from '../../shared/log/screenline';

/** How serious a line is, from what is only of use to who wrote the program to what went wrong. */
export enum Level {
  Debug,
  Info,
  Warning,
  Error
}

/** The words by which programs say it, in the ways of Python's, Go's and Java's loggers. */
const WORDS: Record<string, Level> = {
  TRACE: Level.Debug,
  DEBUG: Level.Debug,
  INFO: Level.Info,
  NOTICE: Level.Info,
  WARN: Level.Warning,
  WARNING: Level.Warning,
  ERROR: Level.Error,
  CRITICAL: Level.Error,
  FATAL: Level.Error
};

const WORD = new RegExp(`(?:^|[\\s[(|:<-])(${Object.keys(WORDS).join('|')})(?=[\\s\\])|:>,-]|$)`);

/** How far into a line its level stands, behind a time and a name. */
const BEGINNING = 100;

const TRACEBACK = 'Traceback (most recent call last):';

/** What a line says of itself; nothing when it says nothing. */
export function levelOf(text: string): Level | null {
  const beginning = text.slice(0, BEGINNING);
  const word = WORD.exec(beginning);
  if (word) {
    return WORDS[word[1]];
  }
  if (beginning.startsWith(TRACEBACK) || /^[\w.]*(Error|Exception): /.test(beginning)) {
    return Level.Error;
  }
  return /\b\w*Warning: /.test(beginning) ? Level.Warning : null;
}

/** Reads the levels of lines, each line once. */
export class LevelReader {
  /** The level of each line, or `null` when no line says any. What is indented belongs to what stands above it. */
  read(lines: readonly ILine[]): Level[] | null {
    let hasAny = false;
    let above = Level.Info;
    const levels = lines.map(line => {
      const own = this.levelOf(line);
      hasAny ||= own !== null;
      above = own ?? (/^\s/.test(line.text) ? above : Level.Info);
      return above;
    });
    return hasAny ? levels : null;
  }

  private levelOf(line: ILine): Level | null {
    const known = this.known.get(line);
    // The last line grows until it ends.
    if (known?.length === line.text.length) {
      return known.level;
    }
    const level = levelOf(line.text);
    this.known.set(line, { length: line.text.length, level });
    return level;
  }

  private readonly known = new WeakMap<ILine, { length: number; level: Level | null }>();
}

/** The places of the lines that are at least so serious. */
export function linesFrom(levels: readonly Level[], least: Level): number[] {
  const found: number[] = [];
  levels.forEach((level, at) => {
    if (level >= least) {
      found.push(at);
    }
  });
  return found;
}
