import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '../fixtures';
import { HELPER } from '../notebooks';

test.describe('The launch dialog', () => {
  test('trains the notebook in view, and remembers the choice', async ({ lab }) => {
    lab.server.notebook('whole.ipynb', [
      'epochs = 3',
      'for epoch in range(epochs):\n    print(f"{epoch=} loss={1 / (epoch + 1)}")'
    ]);
    await lab.open();
    await lab.openNotebook('whole.ipynb');
    await lab.page.getByRole('button', { name: /Train this notebook/ }).click();
    const dialog = lab.page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('from-dialog');
    await dialog.getByLabel('Experiment').fill('dialogs');
    await dialog.getByRole('button', { name: 'Train' }).click();
    await expect(dialog).toHaveCount(0);
    const panel = await lab.openPanel();
    await expect(panel.getByRole('row', { name: /^from-dialog, succeeded/i })).toBeVisible({
      timeout: 60_000
    });
    await lab.page.getByRole('button', { name: /Train this notebook/ }).click();
    await expect(dialog.getByLabel('Experiment')).toHaveValue('dialogs');
    await lab.page.keyboard.press('Escape');
  });

  test('trains the active cell by putting the magic on top of it', async ({ lab }) => {
    lab.server.notebook('one-cell.ipynb', [
      HELPER,
      'for epoch in range(3):\n    print(f"{epoch=} loss={half(1)}")'
    ]);
    await lab.open();
    await lab.openNotebook('one-cell.ipynb');
    await lab.runCell(0);
    await lab.cell(1).locator('.cm-content').click();
    await lab.begin('trackside:train-cell');
    const dialog = lab.page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('from-cell');
    await dialog.getByRole('button', { name: 'Train' }).click();
    await expect(lab.cell(1).locator('.cm-content')).toContainText('%%train --name from-cell');
    await expect(lab.cell(1).getByRole('region', { name: 'Job from-cell' })).toHaveAttribute(
      'data-state',
      'SUCCEEDED',
      { timeout: 60_000 }
    );
  });

  test('trains a script with the modules beside it, and says beforehand what travels', async ({
    lab
  }) => {
    writeFileSync(join(lab.server.notebooks, 'helpers.py'), 'def loss():\n    return 0.25\n');
    writeFileSync(
      join(lab.server.notebooks, 'train.py'),
      'import helpers\nprint(f"step=1 loss={helpers.loss()}")\n'
    );
    await lab.open();
    await lab.begin('trackside:launch', { path: 'train.py' });
    const dialog = lab.page.getByRole('dialog');
    await expect(dialog).toContainText('helpers.py');
    await dialog.getByRole('button', { name: 'Train' }).click();
    const panel = await lab.openPanel();
    await expect(panel.getByRole('row', { name: /^train-1, succeeded/i })).toBeVisible({
      timeout: 60_000
    });
  });

  test('says in place what is wrong, and keeps what was typed', async ({ lab }) => {
    writeFileSync(join(lab.server.notebooks, 'big.py'), 'print("loss=1")\n');
    await lab.open();
    await lab.begin('trackside:launch', { path: 'big.py' });
    const dialog = lab.page.getByRole('dialog');
    await dialog.getByLabel('CPUs').fill('4096');
    await dialog.getByRole('button', { name: 'Train' }).click();
    await expect(dialog).toContainText('The job asks for 4096 CPUs');
    await expect(dialog.getByLabel('CPUs')).toHaveValue('4096');
    await lab.scan('.jp-Dialog');
    await lab.page.keyboard.press('Escape');
  });
});
