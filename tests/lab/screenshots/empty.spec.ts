import { Lab } from '../fixtures';
import { JupyterProcess } from '../server';
import { expect, Gallery, test } from './gallery';

test('empty: what each view teaches first, and what it says when the server is gone', async ({
  page
}) => {
  const server = new JupyterProcess();
  await server.start();
  try {
    const lab = new Lab(page, server);
    const gallery = new Gallery(lab);
    await lab.open();
    const panel = await lab.openPanel();
    await gallery.panelWidth(380);
    await expect(panel).toContainText('No runs yet');
    await gallery.shoot('panel-empty', panel);
    await panel.getByRole('heading', { name: 'Cluster' }).click();
    await expect(panel.locator('.jp-TracksideCluster')).toContainText('kubeconfig');
    await gallery.shoot('panel-cluster-none', panel);
    for (const title of ['Cluster', 'Jobs', 'Runs', 'Models', 'Pipelines']) {
      await panel.getByRole('heading', { name: title }).click();
    }
    const pipelines = panel.locator('.jp-TracksidePipelines');
    await expect(pipelines).toContainText('No pipeline runs yet');
    await gallery.shoot('panel-pipelines-empty', pipelines);
    for (const title of ['Pipelines', 'Jobs', 'Runs', 'Models', 'Cluster']) {
      await panel.getByRole('heading', { name: title }).click();
    }
    // The server of JupyterLab has to stay: it keeps the theme.
    await page.route('**/trackside/api/**', route => route.abort());
    await lab.begin('trackside:refresh');
    await expect(panel.getByRole('alert').or(panel.getByRole('status')).first()).toBeVisible();
    await gallery.shoot('panel-away', panel);
    await lab.execute('trackside:open-experiment', { experiment_ids: ['0'] });
    const table = page.locator('.jp-TracksideExperiment');
    await expect(table).toContainText('does not answer');
    await gallery.shoot('experiment-away', table);
  } finally {
    await server.dispose();
  }
});
