import type { JobsApi } from '../../api/jobs';
import { ApiError } from '../../api/request';
import type { JobState, LogFrame } from '../../api/types';

/** The shortest and the longest wait before another try. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

/** From how many failed tries on the log is fetched without a socket. */
const PATIENCE = 2;

/** A piece of a log that arrived. */
export interface ILogChunk {
  offset: number;
  next: number;
  data: string;
}

/** Who is told about a log. */
export interface ILogListener {
  onChunk(chunk: ILogChunk): void;
  /** The job is over and everything it printed has been told. */
  onEnd?(state: JobState): void;
  /** The way to the server broke or is whole again. */
  onConnection?(connected: boolean): void;
  /** The server has no such log, or does not show it. Nothing more will come. */
  onError?(error: ApiError): void;
}

/**
 * Follows the log of a job, or of one of its ranks, through one WebSocket.
 *
 * A socket that breaks is opened again where it stopped, so that nothing is lost or told twice.
 * Where sockets do not get through, pieces are fetched by plain requests, more and more seldom.
 */
export class LogStream {
  constructor(
    private readonly api: JobsApi,
    private readonly job: string,
    from: { offset: number } | { tail: number },
    private readonly listener: ILogListener,
    private readonly rank?: number
  ) {
    if ('offset' in from) {
      this.next = from.offset;
    } else {
      this.tail = from.tail;
    }
    this.connect();
    document.addEventListener('visibilitychange', this.hasten);
    window.addEventListener('online', this.hasten);
  }

  get isDisposed(): boolean {
    return this.over;
  }

  /** Stop following. */
  dispose(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.abort.abort();
    document.removeEventListener('visibilitychange', this.hasten);
    window.removeEventListener('online', this.hasten);
    this.drop();
  }

  private connect(): void {
    const { WebSocket } = this.api.settings;
    const socket = new WebSocket(this.api.logSocketUrl(this.job, this.from()));
    this.socket = socket;
    socket.onopen = () => {
      this.listener.onConnection?.(true);
    };
    socket.onmessage = (event: MessageEvent<string>) => {
      this.failures = 0;
      this.receive(JSON.parse(event.data) as LogFrame);
    };
    socket.onclose = () => {
      if (this.socket === socket) {
        this.socket = null;
        this.retry();
      }
    };
  }

  private receive(frame: LogFrame): void {
    if (this.over) {
      return;
    }
    if (frame.type === 'chunk') {
      this.take(frame.offset, frame.next_offset, frame.data);
    } else {
      this.dispose();
      this.listener.onEnd?.(frame.state);
    }
  }

  private take(offset: number, next: number, data: string): void {
    if (this.next !== null && next <= this.next) {
      return;
    }
    this.next = next;
    this.listener.onChunk({ offset, next, data });
  }

  private retry(): void {
    if (this.over) {
      return;
    }
    this.failures += 1;
    this.listener.onConnection?.(false);
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.failures - 1));
    // Not all at once, when a restarted server has many viewers.
    this.timer = setTimeout(() => void this.again(), wait * (0.75 + Math.random() / 2));
  }

  private async again(): Promise<void> {
    if (this.failures > PATIENCE && !(await this.fetch())) {
      return;
    }
    if (!this.over && !this.socket) {
      this.connect();
    }
  }

  /** Fetch what is new; resolves to whether it makes sense to go on. */
  private async fetch(): Promise<boolean> {
    try {
      const range = await this.api.logs(this.job, this.from(), this.abort.signal);
      if (!this.over && range.next_offset > range.offset) {
        this.take(range.offset, range.next_offset, range.data);
      }
      return !this.over;
    } catch (error) {
      if (!this.over && error instanceof ApiError && !error.isTemporary) {
        this.dispose();
        this.listener.onError?.(error);
      }
      return !this.over;
    }
  }

  private from(): ({ offset: number } | { tail: number }) & { rank?: number } {
    const { rank } = this;
    return this.next === null ? { tail: this.tail, rank } : { offset: this.next, rank };
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  /** Somebody looks again, or the network is back: do not wait any longer. */
  private readonly hasten = (): void => {
    if (!document.hidden && !this.over && !this.socket && this.failures > 0) {
      clearTimeout(this.timer);
      void this.again();
    }
  };

  private socket: WebSocket | null = null;
  private next: number | null = null;
  private tail = 0;
  private failures = 0;
  private over = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly abort = new AbortController();
}
