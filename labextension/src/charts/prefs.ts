import type { IStateDB } from '@jupyterlab/statedb';
import { type ISignal, Signal } from '@lumino/signaling';

import type { XAxis } from '../shared/chart/curve';

const KEY = 'trackside:charts';

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
  constructor(private readonly state: IStateDB | null) {
    void this.restore();
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
    this._changed.emit();
    void this.state?.save(KEY, { ...this._value });
  }

  private async restore(): Promise<void> {
    const saved = (await this.state?.fetch(KEY)) as Partial<IChartPrefs> | undefined;
    if (!saved) {
      return;
    }
    const { axis, isLog, smoothing } = saved;
    this._value = {
      axis: axis !== undefined && AXES.includes(axis) ? axis : DEFAULTS.axis,
      isLog: isLog === true,
      smoothing: typeof smoothing === 'number' && smoothing >= 0 && smoothing < 1 ? smoothing : 0
    };
    this._changed.emit();
  }

  private _value = DEFAULTS;
  private readonly _changed = new Signal<this, void>(this);
}
