import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { explain } from '../api/request';

/** Say what went wrong, for what was not asked for in a view that could say so itself. */
export function tellFailure(error: unknown, trans: TranslationBundle): void {
  Notification.error(explain(error, trans), { autoClose: 10_000 });
}

/** Do what may fail; what went wrong is said. */
export async function attempt<T>(
  trans: TranslationBundle,
  task: () => Promise<T>
): Promise<T | undefined> {
  try {
    return await task();
  } catch (error) {
    tellFailure(error, trans);
    return undefined;
  }
}

/**
 * Do what changes something on the server, and have every view catch up, also with what was done before something
 * went wrong, which is said. Gives whether all went well.
 */
export async function act(
  tracks: { trans: TranslationBundle; refresh: () => Promise<unknown> },
  task: () => Promise<unknown>
): Promise<boolean> {
  const isDone = await attempt(tracks.trans, async () => {
    try {
      await task();
    } finally {
      await tracks.refresh();
    }
    return true;
  });
  return isDone ?? false;
}

/** Say what became of what nobody waits for any more, and offer to show it. */
export function tellLate(
  trans: TranslationBundle,
  sentence: string,
  show: () => Promise<unknown>
): void {
  Notification.info(sentence, {
    autoClose: 10_000,
    actions: [{ label: trans.__('Show'), callback: () => void attempt(trans, show) }]
  });
}

/** Say what was done, and offer to take it back. */
export function offerUndo(
  trans: TranslationBundle,
  sentence: string,
  undo: () => Promise<unknown>
): void {
  Notification.info(sentence, {
    autoClose: 8000,
    actions: [{ label: trans.__('Undo'), callback: () => void attempt(trans, undo) }]
  });
}
