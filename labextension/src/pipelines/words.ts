import type { TranslationBundle } from '@jupyterlab/translation';

import type { IRecurringRun, ISchedule } from '../api/pipelinerecords';
import { fiveFields } from '../launch/cron';
import { kindOf } from '../paths';
import { count, duration, exactDuration, moment } from '../shared/format';

/** A cron expression of six fields that starts at a full second: `minute hour day month weekday`. */
const FIELDS = /^0 (\S+) (\S+) (\S+) (\S+) (\S+)$/;

/** Of how many missed runs it is told when they were due. */
const MISSED_TOLD = 5;

/** How the days of the week are written, from Sunday on. */
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** How often something recurs, in a few words. */
export function scheduleText(schedule: ISchedule, trans: TranslationBundle): string {
  const { interval, cron } = schedule;
  return interval !== null
    ? trans.__('every %1', duration(interval * 1000, trans))
    : (cronText(cron, trans) ?? fiveFields(cron));
}

/** What people say often of cron expressions; nothing for all others. */
function cronText(cron: string, trans: TranslationBundle): string | null {
  const [, minute, hour, day, month, weekday] = FIELDS.exec(cron) ?? [];
  const isAny = (field: string | undefined): boolean => field === '*' || field === '?';
  const isNumber = (field: string | undefined): boolean => /^\d{1,2}$/.test(field ?? '');
  if (!isAny(month)) {
    return null;
  }
  const isEachDay = isAny(day) && isAny(weekday);
  const step = /^(?:0|\*)\/(\d+)$/;
  if (isEachDay && !isNumber(hour)) {
    const [, minutes] = step.exec(minute) ?? [];
    const [, hours] = step.exec(hour) ?? [];
    // A step that does not go into the hour or the day starts anew with each of them.
    if ((hours && 24 % Number(hours) !== 0) || (minutes && 60 % Number(minutes) !== 0)) {
      return null;
    }
    if (hours && isNumber(minute)) {
      return trans._n('every hour at :%2', 'every %1 hours at :%2', Number(hours), padded(minute));
    }
    if (hour !== '*') {
      return null;
    }
    if (minutes) {
      return trans._n('every minute', 'every %1 minutes', Number(minutes));
    }
    return isNumber(minute) ? trans.__('every hour at :%1', padded(minute)) : null;
  }
  if (!isNumber(minute) || !isNumber(hour)) {
    return null;
  }
  const time = `${padded(hour)}:${padded(minute)}`;
  if (isEachDay) {
    return trans.__('every day at %1', time);
  }
  if (isAny(weekday) && isNumber(day)) {
    return trans.__('on day %1 of every month at %2', day, time);
  }
  const days = isAny(day) ? daysOf(weekday) : null;
  if (!days) {
    return null;
  }
  return days.join() === '1,2,3,4,5'
    ? trans.__('every weekday at %1', time)
    : trans.__('every %1 at %2', days.map(one => dayText(one, trans)).join(', '), time);
}

/** The days of the week that a field names, from 0 for Sunday; nothing where it says more than that. */
function daysOf(field: string): number[] | null {
  const found = new Set<number>();
  for (const part of field.toUpperCase().split(',')) {
    const [from, to = from, ...more] = part
      .split('-')
      .map(one => (/^[0-6]$/.test(one) ? Number(one) : DAYS.indexOf(one)));
    if (from < 0 || to < from || more.length) {
      return null;
    }
    for (let day = from; day <= to; day += 1) {
      found.add(day);
    }
  }
  return [...found].sort();
}

function dayText(day: number, trans: TranslationBundle): string {
  switch (day) {
    case 0:
      return trans.__('Sunday');
    case 1:
      return trans.__('Monday');
    case 2:
      return trans.__('Tuesday');
    case 3:
      return trans.__('Wednesday');
    case 4:
      return trans.__('Thursday');
    case 5:
      return trans.__('Friday');
    default:
      return trans.__('Saturday');
  }
}

function padded(number: string): string {
  return number.padStart(2, '0');
}

/** In how long something comes, in one unit, which fits into a narrow column: `in 12 min`. */
export function until(due: number, now: number, trans: TranslationBundle): string {
  const seconds = Math.floor((due - now) / 1000);
  if (due <= now) {
    return trans.__('now');
  }
  if (seconds < 60) {
    return trans.__('in %1 s', seconds);
  }
  if (seconds < 3600) {
    return trans.__('in %1 min', Math.floor(seconds / 60));
  }
  const hours = Math.floor(seconds / 3600);
  return hours < 48 ? trans.__('in %1 h', hours) : trans.__('in %1 d', Math.floor(hours / 24));
}

/** How long a run has taken, or since when it runs, and what that counts where there is a doubt. */
export function tookTitle(
  started: number,
  ended: number | null,
  isRetried: boolean,
  trans: TranslationBundle
): string {
  const took = ended === null ? moment(started) : exactDuration(ended - started);
  return isRetried ? trans.__('%1, from its first start on: it was retried', took) : took;
}

/** What it is that recurs. */
export function whatText({ kind, job }: IRecurringRun, trans: TranslationBundle): string {
  if (kind === 'pipeline') {
    return trans.__('pipeline');
  }
  return kindOf(job?.path ?? '') === 'notebook' ? trans.__('notebook') : trans.__('script');
}

/** How many runs were due and did not come, or nothing. */
export function missedText({ missed }: IRecurringRun, trans: TranslationBundle): string {
  return missed ? trans._n('%1 run missed', '%1 runs missed', missed, count(missed)) : '';
}

/** When the last of those were due, and why they did not come. */
export function missedLines({ moments }: IRecurringRun, trans: TranslationBundle): string[] {
  const missed = moments.filter(({ outcome }) => outcome === 'MISSED' || outcome === 'FAILED');
  const older = missed.length - MISSED_TOLD;
  return [
    ...missed
      .slice(0, MISSED_TOLD)
      .map(({ due_at: due, message }) => trans.__('%1: %2', moment(due), message)),
    ...(older > 0 ? [trans._n('and %1 older one', 'and %1 older ones', older, count(older))] : [])
  ];
}

/** What became of the last time that it was due, or nothing. */
export function lastText({ last }: IRecurringRun, trans: TranslationBundle): string {
  return last
    ? trans.__('Last: %1', [moment(last.due_at), last.message].filter(Boolean).join(': '))
    : '';
}
