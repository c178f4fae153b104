import { Dialog } from '@jupyterlab/apputils';
import type { IDisposable } from '@lumino/disposable';

/** What is filled in. */
export interface ISubmitted<T> extends IDisposable {
  /** Why it was not heeded the last time, where that did not show in what was filled in. */
  readonly error: string;
  /** Heed what was filled in; gives nothing where something is wrong, which the form says. */
  submit(): Promise<T | null>;
}

/** What became of a form. */
export interface IAnswer<T> {
  outcome: T;
  /** Whether the form was closed before this was known, so that nobody waits for it. */
  isLate: boolean;
}

/** A dialog that owns its form, closes when that was heeded, and stays open with the reason when it was not. */
export class SubmitDialog<T> extends Dialog<unknown> {
  constructor(
    private readonly form: ISubmitted<T>,
    private readonly setup: Partial<Dialog.IOptions<unknown>> & { title: string }
  ) {
    super(setup);
    this.addClass('jp-TracksideLaunchDialog');
  }

  /**
   * Show it until it is closed. What is on its way by then goes on: what comes of that is given when it is known,
   * and thrown where it failed.
   */
  async ask(): Promise<IAnswer<T> | null> {
    try {
      const { button } = await this.launch();
      const isLate = this.left !== null;
      const outcome = await (this.left ?? this.outcome);
      if (isLate && !outcome && this.form.error) {
        throw new Error(`${this.setup.title}: ${this.form.error}`);
      }
      return outcome && (isLate || button.accept) ? { outcome, isLate } : null;
    } finally {
      this.dispose();
    }
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.left = this.sending;
      this.form.dispose();
      super.dispose();
    }
  }

  override resolve(index?: number): void {
    const { buttons = [] } = this.setup;
    const at = index ?? buttons.length - 1;
    if (!buttons[at]?.accept) {
      super.resolve(at);
      return;
    }
    if (!this.sending) {
      this.sending = this.form.submit();
      void this.sending.then(outcome => {
        this.sending = null;
        this.outcome = outcome;
        if (outcome) {
          super.resolve(at);
        } else {
          this.node.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
        }
      });
    }
  }

  // Enter on a control inside of the form is for that control.
  protected override _evtKeydown(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const isForControl =
      event.key === 'Enter' &&
      target.closest('.jp-TracksideLaunch') !== null &&
      !(target instanceof HTMLInputElement);
    if (!isForControl) {
      super._evtKeydown(event);
    }
  }

  private outcome: T | null = null;
  /** What is on its way. */
  private sending: Promise<T | null> | null = null;
  /** What was on its way when it was closed. */
  private left: Promise<T | null> | null = null;
}
