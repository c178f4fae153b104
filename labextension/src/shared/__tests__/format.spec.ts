import { describe, expect, it } from 'vitest';

import { ago, clock, count, duration, memory, number, parseNumber, size } from '../format';
import { sparkPath } from '../spark-path';
import { isLive, stateLook } from '../states';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('durations', () => {
  it('get coarser as they get longer', () => {
    expect(duration(420)).toBe('0.4 s');
    expect(duration(42_000)).toBe('0:42');
    expect(duration(12 * MINUTE)).toBe('12 min');
    expect(duration(3 * HOUR)).toBe('3 h');
    expect(duration(3 * HOUR + 20 * MINUTE)).toBe('3 h 20 min');
    expect(duration(26 * HOUR)).toBe('26 h');
    expect(duration(24 * 5 * HOUR)).toBe('5 days');
  });

  it('tick by the second while something runs', () => {
    expect(clock(3 * HOUR + 7 * MINUTE + 5000)).toBe('3:07:05');
    expect(clock(-5)).toBe('0:00');
  });
});

describe('sizes', () => {
  it('have at most one decimal', () => {
    expect(size(512)).toBe('512 B');
    expect(size(14_000)).toBe('14 kB');
    expect(size(8_100_000_000)).toBe('8.1 GB');
    expect(size(999_999)).toBe('1.0 MB');
  });

  it('of memory are in powers of two, as they are asked for', () => {
    expect(memory(16 * 2 ** 30)).toBe('16 GiB');
    expect(memory(1.5 * 2 ** 30)).toBe('1.5 GiB');
  });
});

describe('numbers', () => {
  it('have as many digits as matter', () => {
    expect(number(0.21304567)).toBe('0.213');
    expect(number(0.00034567)).toBe('0.0003457');
    expect(number(1e-5)).toBe('1e−5');
    expect(number(12345.678)).toBe('12346');
    expect(number(3)).toBe('3');
    expect(number(-1.5)).toBe('−1.5');
  });

  it('say what is not a number', () => {
    expect(number('NaN')).toBe('NaN');
    expect(number(Number.MAX_VALUE)).toBe('∞');
    expect(number(null)).toBe('–');
    expect(parseNumber('-Infinity')).toBe(-Infinity);
  });

  it('that count are grouped', () => {
    expect(count(1204332)).toBe('1\u202f204\u202f332');
  });
});

describe('moments', () => {
  it('are told from now', () => {
    const now = Date.UTC(2026, 0, 10);
    expect(ago(now - 500, now)).toBe('now');
    expect(ago(now - 5000, now)).toBe('5 s ago');
    expect(ago(now - 12 * MINUTE, now)).toBe('12 min ago');
    expect(ago(now - 30 * HOUR, now)).toBe('yesterday');
    expect(ago(now - 80 * HOUR, now)).toBe('3 days ago');
  });
});

describe('states', () => {
  it('have a shape, a tone and a word each', () => {
    expect(stateLook('RUNNING')).toEqual({
      shape: 'running',
      tone: 'brand',
      label: 'Running',
      live: true
    });
    expect(stateLook('KILLED').shape).toBe(stateLook('CANCELED').shape);
    expect(isLive('SUCCEEDED')).toBe(false);
  });

  it('that are unknown are shown by name', () => {
    expect(stateLook('UNHEARD_OF').label).toBe('UNHEARD_OF');
  });
});

describe('small curves', () => {
  it('stay in their box and break where there is no number', () => {
    const path = sparkPath([3, NaN, 1, 2], 40, 10);
    expect(path.match(/M/g)).toHaveLength(2);
    expect(sparkPath([1], 40, 10)).toBe('');
    expect(sparkPath([5, 5, 5], 40, 10)).toContain(' 5.0');
    expect(sparkPath([-1.5e308, 1.5e308, 1.7976931348623157e308, 0], 40, 10)).toBe(
      'M1.5 8.5L13.8 1.5M38.5 5.0'
    );
  });
});
