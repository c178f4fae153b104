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
    // The server of JupyterLab has to stay: it keeps the theme.
    await page.route('**/trackside/**', route => route.abort());
    await lab.begin('trackside:refresh');
    await expect(panel.getByRole('alert').or(panel.getByRole('status')).first()).toBeVisible();
    await gallery.shoot('panel-away', panel);
  } finally {
    await server.dispose();
  }
});
