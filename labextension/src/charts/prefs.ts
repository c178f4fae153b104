import type { IStateDB } from '@jupyterlab/statedb';
import { type ISignal, Signal } from '@lumino/signaling';

import type { XAxis } from '../shared/chart/curve';

/** Where it is remembered. */
const KEY = 'trackside:charts';
const SYSTEM_KEY = 'trackside:system-charts';

/** How charts are drawn. */
export interface IChartPrefs {
  axis: XAxis;
  isLog: boolean;
  smoothing: number;
}

const DEFAULTS: IChartPrefs = { axis: 'step', isLog: false, smoothing: 0 };
const AXES: readonly string[] = ['step', 'time', 'relative'];

/** How charts are drawn, remembered. */
export class ChartPrefs {
  constructor(
    private readonly state: IStateDB | null,
    private readonly key = KEY,
    private readonly defaults = DEFAULTS
  ) {
    this._value = defaults;
    void this.restore();
  }

  /** The same for what machines measure, over time at first. */
  static forSystem(state: IStateDB | null): ChartPrefs {
    return new ChartPrefs(state, SYSTEM_KEY, { ...DEFAULTS, axis: 'relative' });
  }

  get value(): IChartPrefs {
    return this._value;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Choose something; it is remembered. */
  set(choice: Partial<IChartPrefs>): void {
    this._value = { ...this._value, ...choice };
    this.isChosen = true;
    this._changed.emit();
    void this.state?.save(this.key, { ...this._value });
  }

  private async restore(): Promise<void> {
    // What cannot be read is as good as nothing; what was chosen meanwhile is newer.
    const found = await this.state?.fetch(this.key).catch(() => undefined);
    const saved = found as Partial<IChartPrefs> | undefined;
    if (!saved || this.isChosen) {
      return;
    }
    const { axis, isLog, smoothing } = saved;
    this._value = {
      axis: axis !== undefined && AXES.includes(axis) ? axis : this.defaults.axis,
      isLog: isLog === true,
      smoothing: typeof smoothing === 'number' && smoothing >= 0 && smoothing < 1 ? smoothing : 0
    };
    this._changed.emit();
  }

  private isChosen = false;
  private _value: IChartPrefs;
  private readonly _changed = new Signal<this, void>(this);
}
