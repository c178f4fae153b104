import type { Event } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

/** The events of Trackside among those of the Jupyter server. */
const SCHEMA = /trackside/;

/** Changes that come many times a second while a job runs; nobody waits for a single one. */
const MINOR = new Set(['metrics', 'activity', 'log', 'tasks']);

/** The least time between two rings for minor changes. */
const GAP = 150;

/**
 * Rings when the server has news.
 *
 * Events are only a reason to ask: the socket may drop them without a trace, so what they carry is
 * never taken for the state itself.
 */
export class Doorbell implements IDisposable {
  constructor(
    private readonly events: Event.IManager,
    /** The newest revision that was seen. */
    private readonly seen: () => number
  ) {
    events.stream.connect(this.onEvent, this);
    document.addEventListener('visibilitychange', this.onVisible);
    window.addEventListener('online', this.onVisible);
  }

  /** Emitted when it is time to catch up. */
  get rang(): ISignal<this, void> {
    return this._rang;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this.timer);
    this.events.stream.disconnect(this.onEvent, this);
    document.removeEventListener('visibilitychange', this.onVisible);
    window.removeEventListener('online', this.onVisible);
    Signal.clearData(this);
  }

  private onEvent(_: Event.IManager, event: Event.Emission): void {
    if (!SCHEMA.test(event.schema_id)) {
      return;
    }
    if (typeof event.revision === 'number' && event.revision <= this.seen()) {
      return;
    }
    if (!MINOR.has(String(event.change))) {
      this._rang.emit();
    } else if (!document.hidden) {
      this.ringSoon();
    }
  }

  private ringSoon(): void {
    if (this.timer !== undefined) {
      return;
    }
    const wait = Math.max(0, this.lastMinor + GAP - Date.now());
    this.timer = window.setTimeout(() => {
      this.timer = undefined;
      this.lastMinor = Date.now();
      this._rang.emit();
    }, wait);
  }

  private readonly onVisible = (): void => {
    if (!document.hidden) {
      this._rang.emit();
    }
  };

  private timer: number | undefined;
  private lastMinor = 0;
  private _isDisposed = false;
  private readonly _rang = new Signal<this, void>(this);
}
