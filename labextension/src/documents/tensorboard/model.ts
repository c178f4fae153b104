import type { TranslationBundle } from '@jupyterlab/translation';
import { Poll } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import { ApiError, explain } from '../../api/request';
import type { IBoard, TensorboardApi } from '../../api/tensorboard';

/** How often a board that serves is asked whether it is still there; that keeps it alive, too. */
const LOOK = 30_000;
const LOOK_WHILE_EMPTY = 4000;
/** How long one question may wait for news. */
const WAIT = 20;

/** What there is to see. */
export type BoardPhase =
  | { kind: 'opening' }
  | { kind: 'empty' }
  /** It can only be shown as a page of Jupyter's own origin, which somebody has to want. */
  | { kind: 'shared' }
  | { kind: 'ready'; url: string; isApart: boolean }
  | { kind: 'failed'; sentence: string };

/** The TensorBoard of some runs, opened again whenever it ended while nobody looked. */
export class BoardModel {
  constructor(
    private readonly api: TensorboardApi,
    readonly trans: TranslationBundle,
    readonly runIds: readonly string[],
    /** The name of the run, when it is only one. */
    readonly name: string | undefined,
    isInView: () => boolean
  ) {
    this.poll = new Poll({
      auto: false,
      factory: () => this.look(),
      frequency: { interval: LOOK, backoff: false },
      name: 'trackside:tensorboard',
      standby: () => !isInView() || document.hidden
    });
    document.addEventListener('visibilitychange', this.refresh);
  }

  /** What there is to see now. */
  get phase(): BoardPhase {
    return this._phase;
  }

  /** Whether the runs may have more event files than are shown. */
  get isTruncated(): boolean {
    return this.board?.truncated ?? false;
  }

  /** Emitted when there is something else to see. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this.aborter.signal.aborted;
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.aborter.abort();
      document.removeEventListener('visibilitychange', this.refresh);
      this.poll.dispose();
      Signal.clearData(this);
    }
  }

  /** Open the board, again if it failed. */
  async open(): Promise<void> {
    this.move({ kind: 'opening' });
    try {
      let board = await this.api.open(this.runIds, this.aborter.signal);
      while (board.state === 'STARTING') {
        board = await this.api.get(board.id, WAIT, this.aborter.signal);
      }
      await this.take(board);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Show the page though it can reach what the user's own page can. */
  async trust(): Promise<void> {
    this.isTrusted = true;
    if (this.board) {
      await this.take(this.board);
    }
  }

  /** It came into view, perhaps: the server looks for what is new as long as somebody sees it. */
  readonly refresh = (): void => {
    if (this.board && !this.isDisposed) {
      void this.poll.refresh();
    }
  };

  private async look(): Promise<void> {
    if (!this.board || this.isDisposed) {
      return;
    }
    try {
      const board = await this.api.get(this.board.id, 0, this.aborter.signal);
      if (board.state !== this.board.state) {
        await this.take(board);
      } else if (board.truncated !== this.board.truncated) {
        this.board = board;
        this._changed.emit();
      }
    } catch (error) {
      if (error instanceof ApiError && error.details.status === 404) {
        await this.open();
      }
    }
  }

  private async take(board: IBoard): Promise<void> {
    this.board = board;
    const { trans } = this;
    if (board.state === 'READY') {
      const page = await this.api.pageOf(board);
      const isShown = page.isApart || this.isTrusted;
      this.move(isShown ? { kind: 'ready', ...page } : { kind: 'shared' });
    } else if (board.state === 'FAILED') {
      const sentence = board.message ?? trans.__('TensorBoard did not start.');
      this.move({ kind: 'failed', sentence });
    } else {
      this.move({ kind: 'empty' });
    }
    if (!this.isDisposed) {
      const interval = board.state === 'EMPTY' ? LOOK_WHILE_EMPTY : LOOK;
      this.poll.frequency = { ...this.poll.frequency, interval };
      void this.poll.start();
    }
  }

  private fail(error: unknown): void {
    if (!this.isDisposed) {
      this.move({ kind: 'failed', sentence: explain(error, this.trans) });
    }
  }

  private move(phase: BoardPhase): void {
    this._phase = phase;
    this._changed.emit();
  }

  private readonly aborter = new AbortController();
  private readonly poll: Poll;
  private readonly _changed = new Signal<this, void>(this);
  private board: IBoard | null = null;
  private isTrusted = false;
  private _phase: BoardPhase = { kind: 'opening' };
}
