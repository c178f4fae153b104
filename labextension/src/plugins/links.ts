import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import { CommandIDs } from '../commands';

/** What MLflow's client prints: `<tracking URI>/#/experiments/1/runs/<run>`. */
const RUN_LINK = /^#\/experiments\/[^/]+\/runs\/([\w-]+)/;

/** Opens the run of a link that MLflow's client printed. */
export const linksPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:links',
  description: 'Opens the run that a link printed by the client of MLflow leads to.',
  autoStart: true,
  activate: (app: JupyterFrontEnd): void => {
    const found = RUN_LINK.exec(window.location.hash);
    if (!found) {
      return;
    }
    // Followed once: a reload does not open the run again.
    const { pathname, search } = window.location;
    window.history.replaceState(window.history.state, '', pathname + search);
    void app.restored.then(() => app.commands.execute(CommandIDs.openRun, { run_id: found[1] }));
  }
};
