import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '../fixtures';
import { HELPER, LOAD, trainCell } from '../notebooks';

test.describe('A notebook cell', () => {
  test('becomes a run that is live in its output, in the panel and in its document', async ({
    lab
  }) => {
    const gate = join(lab.server.home, 'gate');
    lab.server.notebook('digits.ipynb', [LOAD, HELPER, trainCell('--name first', 40, gate)]);
    await lab.open();
    await lab.openNotebook('digits.ipynb');
    const panel = await lab.openPanel();
    await lab.runCell(0);
    await expect(lab.cell(0)).toContainText('this machine');
    await lab.runCell(1);
    await lab.runCell(2);

    const card = lab.cell(2).getByRole('region', { name: 'Job first' });
    await expect(card).toHaveAttribute('data-state', 'RUNNING');
    await lab.kernelIdle();
    await expect(card).toContainText('loss');
    await expect(card).toContainText('cell [3] of digits.ipynb');
    await expect(card).toContainText('took along: half');
    const row = panel.getByRole('row', { name: /^first, running/i });
    await expect(row).toBeVisible();
    await expect(lab.page.locator('#jp-main-statusbar')).toContainText('1 job');

    await row.dblclick();
    const document = lab.page.locator('.jp-TracksideRun');
    await expect(document.getByRole('heading', { name: 'first' })).toBeVisible();
    await document.getByRole('tab', { name: 'Charts' }).click();
    await expect(document.locator('.uplot canvas').first()).toBeVisible();

    writeFileSync(gate, '');
    await lab.execute('docmanager:open', { path: 'digits.ipynb' });
    await expect(card).toHaveAttribute('data-state', 'SUCCEEDED', { timeout: 60_000 });
    await expect(panel.getByRole('row', { name: /^first, succeeded/i })).toBeVisible();
  });

  test('that fails says so in one sentence with the line of the cell, and shows the traceback', async ({
    lab
  }) => {
    lab.server.notebook('failing.ipynb', [
      LOAD,
      '%%train --name broken\nvalues = [1, 2]\nprint("loss=0.5")\nvalues[7]'
    ]);
    await lab.open();
    await lab.openNotebook('failing.ipynb');
    await lab.runCell(0);
    await lab.runCell(1);
    const card = lab.cell(1).getByRole('region', { name: 'Job broken' });
    await expect(card).toHaveAttribute('data-state', 'FAILED', { timeout: 30_000 });
    await expect(card).toContainText('IndexError in cell line 4: list index out of range');
    await card.getByRole('button', { name: 'Show traceback' }).click();
    await expect(card).toContainText('values[7]');
  });

  test('is stopped from its output', async ({ lab }) => {
    lab.server.notebook('stop.ipynb', [LOAD, HELPER, trainCell('--name endless', 100_000)]);
    await lab.open();
    await lab.openNotebook('stop.ipynb');
    for (const index of [0, 1, 2]) {
      await lab.runCell(index);
    }
    const card = lab.cell(2).getByRole('region', { name: 'Job endless' });
    await expect(card).toHaveAttribute('data-state', 'RUNNING');
    await card.getByRole('button', { name: 'Stop', exact: true }).click();
    await expect(card).toHaveAttribute('data-state', 'CANCELED', { timeout: 30_000 });
    await expect(card.getByRole('button', { name: 'Run again' })).toBeVisible();
  });

  test('is still live after a kernel restart, a page reload, and in a second browser', async ({
    lab,
    browser
  }) => {
    lab.server.notebook('again.ipynb', [LOAD, HELPER, trainCell('--name lasting', 100_000)]);
    await lab.open();
    await lab.openNotebook('again.ipynb');
    for (const index of [0, 1, 2]) {
      await lab.runCell(index);
    }
    const card = () => lab.cell(2).getByRole('region', { name: 'Job lasting' });
    await expect(card()).toHaveAttribute('data-state', 'RUNNING');
    await lab.kernelIdle();
    await lab.execute('docmanager:save');

    await lab.begin('kernelmenu:restart');
    await lab.page.locator('.jp-Dialog .jp-mod-accept').click();
    await lab.kernelIdle();
    await expect(card()).toHaveAttribute('data-state', 'RUNNING');

    await lab.reload();
    await lab.openNotebook('again.ipynb');
    await expect(card()).toHaveAttribute('data-state', 'RUNNING');

    const second = await browser.newContext();
    const other = new (lab.constructor as typeof import('../fixtures').Lab)(
      await second.newPage(),
      lab.server
    );
    await other.open();
    await other.openNotebook('again.ipynb');
    const elsewhere = other.cell(2).getByRole('region', { name: 'Job lasting' });
    await expect(elsewhere).toHaveAttribute('data-state', 'RUNNING');
    await elsewhere.getByRole('button', { name: 'Stop', exact: true }).click();
    await expect(card()).toHaveAttribute('data-state', 'CANCELED', { timeout: 30_000 });
    await second.close();
  });
});
