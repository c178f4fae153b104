/** How a stretch of terminal text looks; one immutable object for each look. */
export interface ITextStyle {
  /** 0–7 plain, 8–15 bright, or a CSS colour. */
  color?: number | string;
  background?: number | string;
  bold?: boolean;
  faint?: boolean;
  italic?: boolean;
  underline?: boolean;
  inverse?: boolean;
}

export const PLAIN: ITextStyle = Object.freeze({});

function rgb(red: number, green: number, blue: number): string {
  const byte = (value: number): number => Math.min(255, Math.max(0, value || 0));
  return `rgb(${byte(red)} ${byte(green)} ${byte(blue)})`;
}

/** One of the 256 colours of a terminal. */
function indexed(index: number): number | string {
  if (index < 16) {
    return Math.max(0, index);
  }
  if (index < 232) {
    const level = (value: number): number => (value === 0 ? 0 : 55 + 40 * value);
    const cube = index - 16;
    return rgb(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
  }
  const grey = 8 + 10 * (Math.min(255, index) - 232);
  return rgb(grey, grey, grey);
}

/** Read `5;n` or `2;r;g;b` after a 38 or 48: the colour and how many codes it took. */
function extended(codes: number[], at: number): [number | string | undefined, number] {
  if (codes[at] === 5) {
    return [indexed(codes[at + 1] ?? 0), 2];
  }
  if (codes[at] === 2) {
    return [rgb(codes[at + 1], codes[at + 2], codes[at + 3]), 4];
  }
  return [undefined, 0];
}

/** The style after an SGR sequence such as `1;31`. */
export function applySgr(style: ITextStyle, sequence: string): ITextStyle {
  const codes = sequence.split(/[;:]/).map(code => Number(code) || 0);
  let next: ITextStyle = { ...style };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at];
    if (code === 0) {
      next = {};
    } else if (code === 1) {
      next.bold = true;
    } else if (code === 2) {
      next.faint = true;
    } else if (code === 3) {
      next.italic = true;
    } else if (code === 4) {
      next.underline = true;
    } else if (code === 7) {
      next.inverse = true;
    } else if (code === 22) {
      delete next.bold;
      delete next.faint;
    } else if (code === 23) {
      delete next.italic;
    } else if (code === 24) {
      delete next.underline;
    } else if (code === 27) {
      delete next.inverse;
    } else if (code >= 30 && code <= 37) {
      next.color = code - 30;
    } else if (code === 38 || code === 48) {
      const [color, used] = extended(codes, at + 1);
      at += used;
      next[code === 38 ? 'color' : 'background'] = color;
    } else if (code === 39) {
      delete next.color;
    } else if (code >= 40 && code <= 47) {
      next.background = code - 40;
    } else if (code === 49) {
      delete next.background;
    } else if (code >= 90 && code <= 97) {
      next.color = code - 82;
    } else if (code >= 100 && code <= 107) {
      next.background = code - 92;
    }
  }
  return Object.keys(next).length === 0 ? PLAIN : next;
}
