import { nullTranslator } from '@jupyterlab/translation';
import { expect, test } from 'vitest';

import { scheduleText } from '../words';

const trans = nullTranslator.load('trackside');

test.each([
  ['0 0 6 * * *', 'every day at 06:00'],
  ['0 30 7 * * 1', 'every Monday at 07:30'],
  ['0 30 7 ? * MON,fri', 'every Monday, Friday at 07:30'],
  ['0 0 6 * * MON-FRI', 'every weekday at 06:00'],
  ['0 0 6 * * 0', 'every Sunday at 06:00'],
  ['0 5 * * * *', 'every hour at :05'],
  ['0 */15 * * * *', 'every 15 minutes'],
  ['0 0 */6 * * ?', 'every 6 hours at :00'],
  ['0 0 6 1 * ?', 'on day 1 of every month at 06:00'],
  // What would take longer to say than to write stays as it is written.
  ['0 */45 * * * *', '0 */45 * * * *'],
  ['0 0 */5 * * *', '0 0 */5 * * *'],
  ['0 0 6 1 * MON', '0 0 6 1 * MON'],
  ['30 0 6 * * *', '30 0 6 * * *'],
  ['0 0 6 * 1 *', '0 0 6 * 1 *'],
  ['0 0-5 6 * * *', '0 0-5 6 * * *'],
  ['0 0 6 * * FRI-MON', '0 0 6 * * FRI-MON']
])('the cron expression %s is told as: %s', (cron, told) => {
  expect(scheduleText({ interval: null, cron, start_at: null, end_at: null }, trans)).toBe(told);
});
