import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Ask before something is deleted for ever: of all that can be done, only this has no way back. */
export async function isMeantForEver(
  trans: TranslationBundle,
  title: string,
  body: string
): Promise<boolean> {
  const { button } = await showDialog({
    title,
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Delete for Ever') })
    ]
  });
  return button.accept;
}
