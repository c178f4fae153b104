import { nullTranslator } from '@jupyterlab/translation';
import { expect, test } from 'vitest';

import { toRecurring } from '../../api/pipelinereading';
import { moment } from '../../shared/format';
import { missedLines, missedText, scheduleText, until } from '../words';

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
  // What would take longer to say than to write stays as people write it.
  ['0 */45 * * * *', '*/45 * * * *'],
  ['0 0 */5 * * *', '0 */5 * * *'],
  ['0 0 6 1 * MON', '0 6 1 * MON'],
  ['30 0 6 * * *', '30 0 6 * * *'],
  ['0 0 6 * 1 *', '0 6 * 1 *'],
  ['0 0-5 6 * * *', '0-5 6 * * *'],
  ['0 0 6 * * FRI-MON', '0 6 * * FRI-MON']
])('the cron expression %s is told as: %s', (cron, told) => {
  expect(scheduleText({ interval: null, cron, start_at: null, end_at: null }, trans)).toBe(told);
});

test('of runs that were missed it is told when the last ones were due, and why', () => {
  const moments = [6, 5, 4, 3, 2, 1].map(day => ({
    due_at: `2026-11-0${day}T06:00:00Z`,
    outcome: 'MISSED',
    message: 'The server was away.'
  }));
  const recurring = toRecurring({ recurring_run_id: 'c1', trackside: { moments, missed: 6 } });
  expect(missedText(recurring, trans)).toBe('6 runs missed');
  expect(missedLines(recurring, trans)).toHaveLength(6);
  expect(missedLines(recurring, trans)[5]).toBe('and 1 older one');
  expect(missedLines(recurring, trans)[0]).toBe(
    `${moment(Date.parse('2026-11-06T06:00:00Z'))}: The server was away.`
  );
});

test.each([
  [0, 'now'],
  [45, 'in 45 s'],
  [71 * 60, 'in 1 h'],
  [12 * 60, 'in 12 min'],
  [47 * 3600, 'in 47 h'],
  [50 * 3600, 'in 2 d']
])('what comes in %s seconds comes %s', (seconds, told) => {
  expect(until(1000 * seconds, 0, trans)).toBe(told);
});
