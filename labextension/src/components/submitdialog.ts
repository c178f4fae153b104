import { Dialog } from '@jupyterlab/apputils';
import type { IDisposable } from '@lumino/disposable';

/** What is filled in. */
export interface ISubmitted<T> extends IDisposable {
  /** Heed what was filled in; gives nothing where something is wrong, which the form says. */
  submit(): Promise<T | null>;
}

/** A dialog that owns its form, closes when that was heeded, and stays open with the reason when it was not. */
export class SubmitDialog<T> extends Dialog<unknown> {
  constructor(
    private readonly form: ISubmitted<T>,
    private readonly setup: Partial<Dialog.IOptions<unknown>>
  ) {
    super(setup);
    this.addClass('jp-TracksideLaunchDialog');
  }

  /** What came of it. */
  outcome: T | null = null;

  override dispose(): void {
    if (!this.isDisposed) {
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
    void this.form.submit().then(outcome => {
      if (outcome) {
        this.outcome = outcome;
        super.resolve(at);
      } else {
        this.node.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
      }
    });
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
}
