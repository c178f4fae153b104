import type { Cell } from '@jupyterlab/cells';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ILaunchForm } from './form';
import { type ICellParts, toCell } from './magic';

/** Loads the magics without a trace in the notebook. */
const LOAD = 'get_ipython().run_line_magic("load_ext", "trackside")';

/** Put the options on the cell's first line and run it. */
export async function trainCell(
  panel: NotebookPanel,
  cell: Cell,
  form: ILaunchForm,
  parts: ICellParts,
  trans: TranslationBundle
): Promise<void> {
  await loadExtension(panel, trans);
  const { content, sessionContext } = panel;
  const index = content.widgets.indexOf(cell);
  if (index < 0) {
    throw new Error(trans.__('The cell is gone.'));
  }
  cell.model.sharedModel.setSource(toCell(form, parts));
  content.deselectAll();
  content.activeCellIndex = index;
  // Its output shows how the job fares; nobody waits for it here.
  void NotebookActions.run(content, sessionContext);
}

async function loadExtension(panel: NotebookPanel, trans: TranslationBundle): Promise<void> {
  const { sessionContext } = panel;
  await sessionContext.ready;
  const kernel = sessionContext.session?.kernel;
  if (!kernel) {
    throw new Error(trans.__('The notebook has no kernel. Start one, then train the cell.'));
  }
  const reply = await kernel.requestExecute({
    code: LOAD,
    silent: true,
    store_history: false,
    stop_on_error: false
  }).done;
  if (reply.content.status === 'error') {
    throw new Error(
      trans.__(
        'The kernel cannot load Trackside (%1). Install the package “trackside” into its environment.',
        reply.content.evalue
      )
    );
  }
}
