import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import type { IRecurrence, IRecurringRun, ISchedule } from '../api/pipelinerecords';
import type { RecurringApi } from '../api/recurring';
import { explain } from '../api/request';
import { fiveFields, isCron, sixFields } from './cron';

/** How long to wait after the last key before asking the server when it would run. */
const PAUSE = 300;

/** When something is started: once and now, or again and again. */
export type When = 'now' | 'interval' | 'cron';

/** What is filled in about when. */
export interface IWhen {
  when: When;
  /** How many of the unit lie between two runs. */
  every: string;
  unit: 'minutes' | 'hours' | 'days';
  cron: string;
  /** Whether all that was due while nobody could start it is started late, not only the last. */
  catchUp: boolean;
}

const NOW: IWhen = {
  when: 'now',
  every: '1',
  unit: 'hours',
  cron: '0 6 * * *',
  catchUp: false
};

const SECONDS = { minutes: 60, hours: 3600, days: 86_400 };

/** What is filled in for something that recurs, in the largest unit that fits. */
function whenOf({ schedule, no_catchup }: IRecurrence): Partial<IWhen> {
  const { interval, cron } = schedule;
  if (interval === null) {
    return { when: 'cron', cron: fiveFields(cron), catchUp: !no_catchup };
  }
  const fits = (['days', 'hours'] as const).find(unit => interval % SECONDS[unit] === 0);
  const unit = fits ?? 'minutes';
  const every = String(interval / SECONDS[unit]);
  return { when: 'interval', unit, every, catchUp: !no_catchup };
}

/** When something is started, as it is filled in, and what the server says of it. */
export class WhenModel implements IDisposable {
  constructor(
    private readonly api: RecurringApi,
    private readonly trans: TranslationBundle,
    chosen: Partial<IWhen> = {},
    /** What recurs already and is changed. */
    readonly replaces?: IRecurringRun
  ) {
    this._chosen = { ...NOW, ...(replaces && whenOf(replaces)), ...chosen };
    this.lookSoon = new Debouncer(() => this.lookAhead(), PAUSE);
    this.look();
  }

  /** When it would run next, in milliseconds; nothing where that is not known. */
  times: readonly number[] = [];
  /** What is wrong with when it recurs. */
  error = '';

  get chosen(): IWhen {
    return this._chosen;
  }

  /** How it recurs; nothing where it runs once and now. */
  get recurrence(): IRecurrence | null {
    const { replaces } = this;
    return this._chosen.when === 'now'
      ? null
      : {
          schedule: this.schedule,
          max_concurrency: replaces?.max_concurrency ?? 1,
          no_catchup: !this._chosen.catchUp,
          enabled: replaces?.enabled ?? true
        };
  }

  /** Emitted when anything of the above changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this.lookSoon.isDisposed;
  }

  dispose(): void {
    this.lookSoon.dispose();
    Signal.clearData(this);
  }

  set(change: Partial<IWhen>): void {
    this._chosen = { ...this._chosen, ...change };
    this.look();
    this._changed.emit();
  }

  private get schedule(): ISchedule {
    const { when, every, unit, cron } = this._chosen;
    const { start_at = null, end_at = null } = this.replaces?.schedule ?? {};
    const interval = when === 'interval' ? Math.round(Number(every) * SECONDS[unit]) : null;
    return { interval, cron: interval === null ? sixFields(cron) : '', start_at, end_at };
  }

  /** What is wrong with what was filled in, before the server is asked; empty where nothing is. */
  private get mistake(): string {
    const { when, every, cron } = this._chosen;
    if (when === 'interval' && !(Number(every) > 0 && this.schedule.interval! > 0)) {
      return this.trans.__('A number above 0.');
    }
    if (when === 'cron' && !isCron(cron)) {
      return this.trans.__('Five fields: minute, hour, day, month, day of the week.');
    }
    return '';
  }

  private look(): void {
    this.times = [];
    this.error = this.mistake;
    if (this._chosen.when !== 'now' && !this.error) {
      void this.lookSoon.invoke().catch(() => undefined);
    }
  }

  private async lookAhead(): Promise<void> {
    const asked = JSON.stringify(this.schedule);
    const isStill = (): boolean =>
      this._chosen.when !== 'now' && !this.mistake && asked === JSON.stringify(this.schedule);
    try {
      const times = await this.api.times(this.schedule);
      if (isStill()) {
        this.times = times;
        this.error = '';
      }
    } catch (error) {
      if (isStill()) {
        this.error = explain(error, this.trans);
      }
    }
    if (!this.isDisposed) {
      this._changed.emit();
    }
  }

  private _chosen: IWhen;
  private readonly lookSoon: Debouncer;
  private readonly _changed = new Signal<this, void>(this);
}
