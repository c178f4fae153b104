import { expect, test } from 'vitest';

import { fiveFields, isCron, sixFields } from '../cron';

test.each([
  ['0 6 * * *', '0 0 6 * * *', '0 6 * * *'],
  ['  0  6 * *  1-5 ', '0 0 6 * * 1-5', '0 6 * * 1-5'],
  ['30 0 6 * * *', '30 0 6 * * *', '30 0 6 * * *'],
  ['0 0 6 * * *', '0 0 6 * * *', '0 6 * * *'],
  ['@daily', '@daily', '@daily'],
  ['6 *', '6 *', '6 *']
])('%s is sent as %s and shown as %s', (written, sent, shown) => {
  expect(sixFields(written)).toBe(sent);
  expect(fiveFields(sent)).toBe(shown);
});

test('what has other than five or six fields is no cron expression', () => {
  expect(['* * * * *', ' 0 0 6 * * * ', '@daily'].map(isCron)).toEqual([true, true, true]);
  expect(['', 'every night', '0 6 * *', '0 0 0 6 * * *'].map(isCron)).toEqual(Array(4).fill(false));
});
