import { Notification } from '@jupyterlab/apputils';

import { explain } from '../../api/request';
import type { ISavedView } from '../../api/table';
import type { ExperimentModel } from './model';

/** Save what is shown in the place of a saved view, and offer to take it back. */
export async function overwrite(table: ExperimentModel, view: ISavedView): Promise<void> {
  const undo = await table.views.overwrite(view, table.view);
  offerUndo(table, table.tracks.trans.__('View %1 is overwritten.', view.name), undo);
}

/** Say what was done. The menu may be closed when it is taken back, so that what fails is said here too. */
export function offerUndo(
  { tracks }: ExperimentModel,
  sentence: string,
  undo: () => Promise<void>
): void {
  const { trans } = tracks;
  const takeBack = (): void =>
    void undo().catch(error => Notification.error(explain(error, trans), { autoClose: 10_000 }));
  Notification.info(sentence, {
    autoClose: 8000,
    actions: [{ label: trans.__('Undo'), callback: takeBack }]
  });
}
