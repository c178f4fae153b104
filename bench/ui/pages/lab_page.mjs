// JupyterLab in the page, and what of Trackside's runs is needed to open them.
import { input } from './browser.mjs';

/** What is found in the panel. */
export const PANEL = {
  list: '#trackside-panel .jp-TracksideRuns',
  row: '#trackside-panel .jp-TracksideRuns [role=row][data-index]',
  filter: '#trackside-panel input[type=search]'
};

/** What is found in the table of an experiment. */
export const TABLE = {
  list: '.jp-TracksideTable-scroll',
  row: '.jp-TracksideTable-rows [role=row]',
  name: '.jp-TracksideTable-rows [role=row] .jp-TracksideTable-text',
  coming: '.jp-TracksideTable-shape',
  filter: '.jp-TracksideTableFilter input'
};

/** A chart of a run. */
export const CHARTS = '.jp-TracksideRun .uplot canvas';

/** The graph of a pipeline run. */
export const GRAPH = {
  frame: '.jp-TracksideGraph-frame',
  canvas: '.jp-TracksideGraph-canvas',
  node: '.jp-TracksideGraph-node'
};

/** Opens JupyterLab in a fresh workspace. */
export async function load(page, base, token) {
  await page.goto(`${base}/lab?reset&token=${token}`);
  await page.waitForFunction(() => window.jupyterapp !== undefined);
  await page.evaluate(() => window.jupyterapp.restored);
  await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });
}

/** Starts a command, which counts as an input. */
export function command(page, id, args = {}) {
  return input(page, ([name, given]) => void window.jupyterapp.commands.execute(name, given), [
    id,
    args
  ]);
}

/** Closes all documents and waits until they are gone. */
export async function closeAll(page) {
  await command(page, 'application:close-all');
  await page
    .locator('.jp-MainAreaWidget:not(.jp-LauncherBody) [class*="jp-Trackside"]')
    .first()
    .waitFor({ state: 'detached' });
}

/** The ids of the two experiments, of the run of long curves and of some runs to compare. */
export async function known(base, token) {
  const ask = async (path, body) => {
    const answer = await fetch(`${base}/trackside/api/2.0/mlflow/${path}`, {
      method: 'POST',
      headers: { Authorization: `token ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body)
    });
    return answer.json();
  };
  const { experiments } = await ask('experiments/search', { max_results: 10 });
  const idOf = name => experiments.find(item => item.name === name)?.experiment_id;
  const runsOf = async (id, count) => {
    const found = await ask('runs/search', { experiment_ids: [id], max_results: count });
    return found.runs.map(run => run.info.run_id);
  };
  const [many, long] = [idOf('sweep'), idOf('long')];
  return { many, compared: await runsOf(many, 20), longRun: (await runsOf(long, 1))[0] };
}
