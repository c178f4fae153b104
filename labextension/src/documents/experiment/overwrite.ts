import type { ISavedView } from '../../api/table';
import { offerUndo } from '../../components/notices';
import type { ExperimentModel } from './model';

/** Save what is shown in the place of a saved view, and offer to take it back. */
export async function overwrite(
  { tracks, view, views }: ExperimentModel,
  known: ISavedView
): Promise<void> {
  const { trans } = tracks;
  const undo = await views.overwrite(known, view);
  offerUndo(trans, trans.__('View %1 is overwritten.', known.name), undo);
}
