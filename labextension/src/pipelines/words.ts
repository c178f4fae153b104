import type { TranslationBundle } from '@jupyterlab/translation';

import type { IRecurringRun, ISchedule } from '../api/pipelinerecords';
import { count, duration } from '../shared/format';

const DAILY = /^0 (\d{1,2}) (\d{1,2}) [*?] \* [*?]$/;
const HOURLY = /^0 (\d{1,2}) \* [*?] \* [*?]$/;

/** How often something recurs, in a few words. */
export function scheduleText(schedule: ISchedule, trans: TranslationBundle): string {
  const { interval, cron } = schedule;
  if (interval !== null) {
    return trans.__('every %1', duration(interval * 1000, trans));
  }
  const daily = DAILY.exec(cron);
  if (daily) {
    return trans.__('every day at %1', `${daily[2].padStart(2, '0')}:${daily[1].padStart(2, '0')}`);
  }
  const hourly = HOURLY.exec(cron);
  return hourly ? trans.__('every hour at :%1', hourly[1].padStart(2, '0')) : cron;
}

/** In how long something comes: `in 12 min`. */
export function until(moment: number, now: number, trans: TranslationBundle): string {
  return moment <= now ? trans.__('now') : trans.__('in %1', duration(moment - now, trans));
}

/** How many runs were due and did not come, or nothing. */
export function missedText({ missed }: IRecurringRun, trans: TranslationBundle): string {
  return missed.length
    ? trans._n('%1 run missed', '%1 runs missed', missed.length, count(missed.length))
    : '';
}
