import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { JobsApi } from '../../api/jobs';
import type { ApiError } from '../../api/request';
import type { JobState } from '../../api/types';
import { LogStream, type ILogChunk, type ILogListener } from './stream';
import { LogWindow } from './window';

/** How much of the end is fetched first, and how much at a time later. */
const TAIL = 256 * 1024;
const STEP = 256 * 1024;

/** What stands around a place that was jumped to. */
const BEFORE = 32 * 1024;

/** How often views are told, at most. */
const TELL_EVERY = 80;

/** The log of one job as a view shows it: its end while following, or any other part. */
export class LogController implements IDisposable {
  readonly window = new LogWindow();
  /** How large the log is, as far as is known. */
  size = 0;
  /** The state in which the job ended, once everything has been shown. */
  ended: JobState | null = null;
  connected = true;
  error: ApiError | null = null;
  loaded = false;

  constructor(
    readonly api: JobsApi,
    readonly job: string,
    /** Which of the pods of a job on a cluster; nothing means the first. */
    readonly rank?: number,
    following = true
  ) {
    this._following = following;
    this.toEnd();
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Whether the end of the log is held and grows. */
  get isLive(): boolean {
    return this.stream !== null;
  }

  /** Whether everything there is is held up to the end. */
  get atEnd(): boolean {
    return this.isLive || this.window.end >= this.size;
  }

  /** Whether the reader wants the end; decides which end of the window is given up. */
  get following(): boolean {
    return this._following;
  }
  set following(value: boolean) {
    if (value === this._following) {
      return;
    }
    this._following = value;
    if (value && !this.atEnd) {
      this.toEnd();
    }
    this.tell();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.stream?.dispose();
    this.abort.abort();
    clearTimeout(this.timer);
    Signal.clearData(this);
  }

  /** Fetch what comes before; resolves when it is there. */
  loadEarlier(): Promise<void> {
    const { start } = this.window;
    if (start <= 0 || this.window.isEmpty) {
      return Promise.resolve();
    }
    return this.load(async signal => {
      const offset = Math.max(0, start - STEP);
      const piece = await this.fetch(offset, start, signal);
      if (this.window.start === start) {
        this.window.prepend(piece);
        if (!this.following) {
          this.giveUpBottom();
        }
      }
    });
  }

  /** Fetch what comes after, when the end is not followed. */
  loadLater(): Promise<void> {
    const { end } = this.window;
    if (this.isLive || (this.ended !== null && end >= this.size)) {
      return Promise.resolve();
    }
    return this.load(async signal => {
      const piece = await this.fetch(end, end + STEP, signal);
      if (this.window.end !== end) {
        return;
      }
      if (piece.data) {
        this.window.append(piece);
        this.window.trimTop();
      }
      if (this.window.end >= this.size && this.ended === null) {
        this.follow({ offset: this.window.end });
      }
    });
  }

  /** Show the line that begins at an offset; it gets the number 0. */
  async jump(offset: number): Promise<void> {
    this._following = false;
    this.stream?.dispose();
    this.stream = null;
    await this.load(async signal => {
      const from = Math.max(0, offset - BEFORE);
      const [before, after] = await Promise.all([
        from < offset ? this.fetch(from, offset, signal) : null,
        this.fetch(offset, offset + STEP, signal)
      ]);
      this.window.clear(offset);
      this.window.append(after, true);
      if (before) {
        this.window.prepend(before);
      }
    });
  }

  private toEnd(): void {
    this.window.clear();
    this.follow({ tail: TAIL });
  }

  private follow(from: { offset: number } | { tail: number }): void {
    this.stream?.dispose();
    const listener: ILogListener = {
      onChunk: chunk => this.onChunk(chunk),
      onEnd: state => {
        this.ended = state;
        this.stream = null;
        this.loaded = true;
        this.tell();
      },
      onConnection: connected => {
        this.connected = connected;
        this.tell();
      },
      onError: error => {
        this.error = error;
        this.stream = null;
        this.loaded = true;
        this.tell();
      }
    };
    this.stream = new LogStream(this.api, this.job, from, listener, this.rank);
  }

  private onChunk(chunk: ILogChunk): void {
    this.window.append(chunk);
    this.size = Math.max(this.size, chunk.next);
    this.loaded = true;
    if (this.following) {
      this.window.trimTop();
    } else if (this.window.isFull) {
      // The reader is elsewhere: leave what comes to when it is wanted.
      this.giveUpBottom();
    }
    this.tell();
  }

  private giveUpBottom(): void {
    if (this.window.isFull) {
      this.stream?.dispose();
      this.stream = null;
      this.window.trimBottom();
    }
  }

  private async fetch(offset: number, until: number, signal: AbortSignal): Promise<ILogChunk> {
    let data = '';
    let next = offset;
    let first: number | null = null;
    while (next < until) {
      const range = await this.api.logs(
        this.job,
        { offset: next, limit: until - next, rank: this.rank },
        signal
      );
      this.size = Math.max(this.size, range.size);
      if (range.next_offset <= next) {
        break;
      }
      // The server moves offsets to where a character begins.
      first ??= range.offset;
      data += range.data;
      next = range.next_offset;
    }
    return { offset: first ?? offset, next, data };
  }

  private async load(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.loading) {
      return this.loading;
    }
    this.loading = work(this.abort.signal)
      // Scrolling again tries again; the connection is told by the stream.
      .catch(() => undefined)
      .finally(() => {
        this.loading = null;
        this.tell();
      });
    return this.loading;
  }

  private tell(): void {
    if (this.timer === undefined && !this._isDisposed) {
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this._changed.emit();
      }, TELL_EVERY);
    }
  }

  private _following: boolean;
  private _isDisposed = false;
  private stream: LogStream | null = null;
  private loading: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly abort = new AbortController();
  private readonly _changed = new Signal<this, void>(this);
}
