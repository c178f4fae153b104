import { english, type ITrans } from './trans';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// Made once: a table writes hundreds of dates while it scrolls, and to make one of these costs more
// than to draw its row.
const THIS_YEAR = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const OTHER_YEAR = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric'
});
const MOMENT = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit'
});

const SIZE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** A running clock: `0:42`, `12:05`, `3:07:30`. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / SECOND));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = pad(seconds % 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** How long something took, with as many digits as matter: `0.4 s`, `0:42`, `12 min`, `3 h`. */
export function duration(milliseconds: number, trans: ITrans = english): string {
  if (milliseconds < SECOND) {
    const tenths = Math.max(0, Math.round(milliseconds / 100)) / 10;
    return trans.__('%1 s', tenths);
  }
  if (milliseconds < 10 * MINUTE) {
    return clock(milliseconds);
  }
  if (milliseconds < HOUR - MINUTE / 2) {
    return trans.__('%1 min', Math.round(milliseconds / MINUTE));
  }
  if (milliseconds < 10 * HOUR) {
    const minutes = Math.round(milliseconds / MINUTE);
    const rest = minutes % 60;
    return rest === 0
      ? trans.__('%1 h', minutes / 60)
      : trans.__('%1 h %2 min', Math.floor(minutes / 60), rest);
  }
  if (milliseconds < 3 * DAY) {
    return trans.__('%1 h', Math.round(milliseconds / HOUR));
  }
  const days = Math.round(milliseconds / DAY);
  return trans._n('%1 day', '%1 days', days);
}

/** The same, for hovering: `1 h 02 min 03 s` down to the second. */
export function exactDuration(milliseconds: number): string {
  if (milliseconds < 10 * SECOND) {
    return `${(Math.max(0, milliseconds) / SECOND).toFixed(3)} s`;
  }
  return clock(milliseconds);
}

/** `8.1 GB`, `14 kB`, `512 B`: powers of 1000, at most one decimal. */
export function size(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < SIZE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${SIZE_UNITS[unit]}`;
}

/** `16 GiB`: memory as it is asked for, in powers of 1024. */
export function memory(bytes: number): string {
  let value = Math.max(0, bytes);
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(value < 9.95 ? 1 : 0))} ${units[unit]}`;
}

/** A metric or param with as many digits as matter (five significant ones). */
export function number(value: number | string | null | undefined): string {
  if (value === null || value === undefined) {
    return '–';
  }
  const plain = typeof value === 'string' ? parseNumber(value) : value;
  if (Number.isNaN(plain)) {
    return 'NaN';
  }
  if (isInfinite(plain)) {
    return plain > 0 ? '∞' : '−∞';
  }
  const magnitude = Math.abs(plain);
  if (Number.isInteger(plain) && magnitude < 1e9) {
    return minus(String(plain));
  }
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e9)) {
    return minus(
      plain
        .toExponential(3)
        .replace(/\.?0+e/, 'e')
        .replace('e+', 'e')
    );
  }
  if (magnitude >= 1e5) {
    return minus(plain.toFixed(0));
  }
  const text = plain.toPrecision(magnitude < 1 ? 4 : 5);
  return minus(String(Number(text)));
}

/** A whole count with thin separators: `1 204 332`. */
export function count(value: number): string {
  return minus(String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f'));
}

function minus(text: string): string {
  return text.replace(/-/g, '−');
}

/** A number off the wire: JSON carries NaN and the infinities as words. */
export function parseNumber(value: number | string): number {
  if (typeof value === 'number') {
    return value;
  }
  const word = value.trim().toLowerCase();
  if (word === 'infinity' || word === 'inf') {
    return Infinity;
  }
  if (word === '-infinity' || word === '-inf') {
    return -Infinity;
  }
  return word === '' ? NaN : Number(word);
}

/** MLflow stores ±infinity as the largest double. */
export function isInfinite(value: number): boolean {
  return Math.abs(value) >= Number.MAX_VALUE;
}

/** `2 s ago`, `12 min ago`, `3 h ago`, `yesterday`, `4 days ago`, else the date, with the year if it is another one. */
export function ago(then: number, now: number = Date.now(), trans: ITrans = english): string {
  const past = now - then;
  if (past < 2 * SECOND) {
    return trans.__('now');
  }
  if (past < MINUTE) {
    return trans.__('%1 s ago', Math.floor(past / SECOND));
  }
  if (past < HOUR) {
    return trans.__('%1 min ago', Math.floor(past / MINUTE));
  }
  if (past < DAY) {
    return trans.__('%1 h ago', Math.floor(past / HOUR));
  }
  if (past < 2 * DAY) {
    return trans.__('yesterday');
  }
  if (past < 30 * DAY) {
    return trans.__('%1 days ago', Math.floor(past / DAY));
  }
  const date = new Date(then);
  const isThisYear = date.getFullYear() === new Date(now).getFullYear();
  return (isThisYear ? THIS_YEAR : OTHER_YEAR).format(date);
}

/** The exact moment, for hovering. */
export function moment(then: number): string {
  return MOMENT.format(then);
}
