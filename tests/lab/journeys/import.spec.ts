import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '../fixtures';

/** An `mlruns` folder of one run, as MLflow writes it. */
function makeFolder(folder: string): void {
  const run = join(folder, '7', 'a'.repeat(32));
  for (const name of ['metrics', 'params', 'tags', 'artifacts']) {
    mkdirSync(join(run, name), { recursive: true });
  }
  writeFileSync(
    join(folder, '7', 'meta.yaml'),
    "artifact_location: mlruns/7\ncreation_time: 1700000000000\nexperiment_id: '7'\n" +
      'last_update_time: 1700000000000\nlifecycle_stage: active\nname: from-before\n'
  );
  writeFileSync(
    join(run, 'meta.yaml'),
    "artifact_uri: mlruns/7/x\nend_time: 1700000060000\nexperiment_id: '7'\n" +
      `lifecycle_stage: active\nrun_id: ${'a'.repeat(32)}\nrun_name: an-old-run\n` +
      'start_time: 1700000000000\nstatus: 3\nuser_id: me\n'
  );
  writeFileSync(join(run, 'metrics', 'loss'), '1700000000000 0.5 0\n1700000001000 0.25 1\n');
  writeFileSync(join(run, 'params', 'lr'), '0.1');
}

test.describe('The import dialog', () => {
  test('brings what an mlruns folder holds, after a look at it', async ({ lab }) => {
    const folder = join(lab.server.notebooks, 'mlruns');
    makeFolder(folder);
    await lab.open();
    const panel = await lab.openPanel();
    await panel.getByRole('button', { name: /Import from MLflow|Bring experiments/ }).click();
    const dialog = lab.page.getByRole('dialog');
    await expect(dialog.getByLabel('From')).toBeFocused();
    await dialog.getByLabel('From').fill('/nowhere/mlruns');
    await lab.page.keyboard.press('Enter');
    await expect(dialog.getByRole('status')).toContainText('There is no file or folder');
    await dialog.getByLabel('From').fill(folder);
    await dialog.getByLabel('Only tell what would come').check();
    await dialog.getByRole('button', { name: 'Import' }).click();
    await expect(dialog.getByText('1 would be new').first()).toBeVisible();
    await dialog.getByLabel('Only tell what would come').uncheck();
    await dialog.getByRole('button', { name: 'Import' }).click();
    await expect(dialog.getByRole('status')).toContainText('Everything came');
    await expect(dialog.getByText('2 points')).toBeVisible();
    await lab.scan('.jp-Dialog');
    if (process.env['TRACKSIDE_SCREENSHOT']) {
      await lab.page.screenshot({ path: process.env['TRACKSIDE_SCREENSHOT'] });
    }
    await lab.page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await expect(panel.getByRole('row', { name: /an-old-run/ })).toBeVisible();
  });
});
