import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { IKfpStatus, KfpApi } from '../api/kfp';
import { type PipelinePlace, placeOf } from '../api/pipelineplace';
import type { ITracksideModel } from '../tokens';
import { Coalescer } from './coalesce';

/** How long a server that was not heard yet is waited for before it is asked for again. */
const SOON = 2000;

/** How often what goes on there is asked for while it is in view, and how often its lists are: it tells of nothing. */
export const WHILE_LIVE = 5000;
export const WHILE_LISTED = 15_000;

/** What is known before the first answer, and where the Jupyter server knows of none. */
const NONE: IKfpStatus = {
  configured: false,
  host: '',
  ui: '',
  state: 'UNKNOWN',
  message: '',
  api: '',
  namespace: ''
};

/** The server of Kubeflow Pipelines behind the Jupyter server: whether there is one, and how it stands. */
export class KfpServer implements IDisposable {
  constructor(private readonly api: KfpApi) {
    this.loader = new Coalescer(() => this.load());
  }

  /** What the Jupyter server said last. */
  get status(): IKfpStatus {
    return this._status;
  }

  /** Whether it cannot be asked now. */
  get isAway(): boolean {
    return this._status.state === 'AWAY' || this._status.state === 'REFUSED';
  }

  /** Emitted when it stands otherwise than before. */
  get changed(): ISignal<this, IKfpStatus> {
    return this._changed;
  }

  /** Emitted when something was changed there from here: it tells of nothing by itself. */
  get moved(): ISignal<this, void> {
    return this._moved;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this.timer);
    Signal.clearData(this);
  }

  /** Ask how it stands; with `again`, the Jupyter server asks it now. */
  async refresh(again = false): Promise<void> {
    this.again ||= again;
    await this.loader.run();
  }

  /** Have all that shows something of it ask again. */
  tell(): void {
    this._moved.emit();
  }

  private async load(): Promise<void> {
    const { again } = this;
    this.again = false;
    let status: IKfpStatus;
    try {
      status = await this.api.status(again);
    } catch {
      // The Jupyter server is away, which is said elsewhere, or older than this page.
      return;
    }
    if (status.configured && status.state === 'UNKNOWN' && !this._isDisposed) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.refresh(), SOON);
    }
    const wasThere = this._status.state === 'OK';
    if (!this._isDisposed && JSON.stringify(status) !== JSON.stringify(this._status)) {
      this._status = status;
      this._changed.emit(status);
      if (!wasThere && status.state === 'OK') {
        this.tell();
      }
    }
  }

  private readonly loader: Coalescer;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private again = false;
  private _status = NONE;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, IKfpStatus>(this);
  private readonly _moved = new Signal<this, void>(this);
}

/** Call when something at a place moved of which its server does not tell; what is here tells of itself. */
export function whenMoved(
  tracks: Pick<ITracksideModel, 'kfp'>,
  place: PipelinePlace,
  listener: () => void
): IDisposable {
  if (place === 'here') {
    return new DisposableDelegate(() => undefined);
  }
  tracks.kfp.moved.connect(listener);
  return new DisposableDelegate(() => tracks.kfp.moved.disconnect(listener));
}

/** Have the views catch up after what an id names was changed. */
export async function catchUp(
  tracks: Pick<ITracksideModel, 'kfp' | 'refresh'>,
  id: string
): Promise<void> {
  if (placeOf(id) === 'kfp') {
    tracks.kfp.tell();
  } else {
    await tracks.refresh();
  }
}
