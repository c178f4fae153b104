import AxeBuilder from '@axe-core/playwright';

import { expect, test } from '../fixtures';
import { LOAD } from '../notebooks';

test.describe('Without a cluster', () => {
  test('its section asks for nothing while it is folded, says in one line what would turn it on, and stays as it was left', async ({
    lab
  }) => {
    let asked = 0;
    lab.page.on('request', request => {
      asked += request.url().includes('/trackside/api/v1/cluster') ? 1 : 0;
    });
    await lab.open();
    const panel = await lab.openPanel();
    const title = panel.getByRole('heading', { name: 'Cluster' });
    await expect(title).toHaveAttribute('aria-expanded', 'false');
    await expect(panel.getByRole('button', { name: 'Columns and order' })).toBeVisible();
    expect(asked).toBe(0);

    const saved = lab.page.waitForResponse(
      response =>
        response.url().includes('/api/workspaces') &&
        Boolean(response.request().postData()?.includes('trackside-section-cluster'))
    );
    await title.press('Enter');
    await expect(title).toHaveAttribute('aria-expanded', 'true');
    const section = panel.locator('.jp-TracksideCluster');
    await expect(section).toContainText(/kubeconfig.*pod/);
    await expect.poll(async () => (await section.boundingBox())?.height).toBeGreaterThan(60);
    const scan = await new AxeBuilder({ page: lab.page }).include('#trackside-panel').analyze();
    expect(scan.violations).toEqual([]);

    await saved;
    await lab.open('lab');
    await lab.openPanel();
    await expect(section).toContainText(/kubeconfig.*pod/);
    await title.press('Enter');
    await expect(section).toBeHidden();
  });

  test('the launch form offers no choice of a place', async ({ lab }) => {
    lab.server.notebook('here.ipynb', ['print("loss=1")']);
    await lab.open();
    const answered = lab.page.waitForResponse(/\/trackside\/api\/v1\/cluster/);
    await lab.begin('trackside:launch', { path: 'here.ipynb' });
    expect((await (await answered).json()).state).toBe('none');
    const dialog = lab.page.getByRole('dialog');
    await expect(dialog).toContainText(/This machine: /i);
    await expect(dialog.getByRole('radio')).toHaveCount(0);
    await expect(dialog.getByRole('button', { name: 'Train' })).toBeEnabled();
    await lab.page.keyboard.press('Escape');
  });

  test('a cell that is meant for one says what is wrong beside the button, and can be turned to this machine', async ({
    lab
  }) => {
    lab.server.notebook('far.ipynb', [
      LOAD,
      '%%train --on cluster --gpus "2 x A100-80GB" --nodes 2 --name turned\nprint("loss=1")'
    ]);
    await lab.open();
    await lab.openNotebook('far.ipynb');
    await lab.cell(1).locator('.cm-content').click();
    await lab.begin('trackside:train-cell');
    const dialog = lab.page.getByRole('dialog');
    const train = dialog.getByRole('button', { name: 'Train' });
    await expect(dialog.getByRole('radio', { name: 'cluster' })).toBeChecked();
    await expect(dialog.getByLabel('GPU type')).toHaveValue('A100-80GB');
    await expect(dialog.getByLabel('Nodes')).toHaveValue('2');
    await expect(train).toBeDisabled();
    await expect(dialog.locator('.jp-TracksideLaunchDialog-why')).toContainText('cluster');

    await dialog.getByRole('radio', { name: 'this machine' }).click();
    await expect(train).toBeEnabled();
    await dialog.getByLabel('GPUs').fill('');
    await train.click();
    await expect(lab.cell(1).locator('.cm-content')).toContainText(
      '%%train --on local --name turned'
    );
    await expect(lab.cell(1).getByRole('region', { name: 'Job turned' })).toHaveAttribute(
      'data-state',
      'SUCCEEDED',
      { timeout: 60_000 }
    );
  });
});
