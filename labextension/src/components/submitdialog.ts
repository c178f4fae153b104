import { Dialog } from '@jupyterlab/apputils';

/** A dialog that closes when its form was heeded, and stays open with the reason when it was not. */
export class SubmitDialog<T> extends Dialog<unknown> {
  constructor(
    private readonly setup: Partial<Dialog.IOptions<unknown>>,
    /** Heeds the form; gives nothing where something is wrong, which the form says. */
    private readonly submit: () => Promise<T | null>
  ) {
    super(setup);
    this.addClass('jp-TracksideLaunchDialog');
  }

  /** What came of it. */
  outcome: T | null = null;

  override resolve(index?: number): void {
    const { buttons = [] } = this.setup;
    const at = index ?? buttons.length - 1;
    if (!buttons[at]?.accept) {
      super.resolve(at);
      return;
    }
    void this.submit().then(outcome => {
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
