import type { ILine } from '../../shared/log/screenline';

/** Most matches that are kept. */
export const MAX_MATCHES = 10_000;

/** A stretch of a line that matches. */
export interface IMatch {
  line: number;
  from: number;
  to: number;
}

/** Finds a text in lines; capitals count only when the text has some. */
export class Finder {
  constructor(readonly query: string) {
    this.exact = query !== query.toLowerCase();
    this.needle = this.exact ? query : query.toLowerCase();
  }

  /** Where the text stands in a line. */
  find(text: string): [number, number][] {
    if (!this.needle) {
      return [];
    }
    const hay = this.exact ? text : lower(text);
    const found: [number, number][] = [];
    for (let at = hay.indexOf(this.needle); at >= 0; at = hay.indexOf(this.needle, at)) {
      found.push([at, at + this.needle.length]);
      at += this.needle.length;
    }
    return found;
  }

  /** All matches in lines of which the first has the number `base`. */
  matches(lines: readonly ILine[], base: number): IMatch[] {
    const found: IMatch[] = [];
    for (let index = 0; index < lines.length && found.length < MAX_MATCHES; index++) {
      for (const [from, to] of this.find(lines[index].text)) {
        found.push({ line: base + index, from, to });
      }
    }
    return found;
  }

  private readonly exact: boolean;
  private readonly needle: string;
}

// A letter whose small form is longer would shift what is marked.
function lower(text: string): string {
  const small = text.toLowerCase();
  return small.length === text.length ? small : text;
}
