import AxeBuilder from '@axe-core/playwright';

import { expect, test } from '../fixtures';
import { HELPER, LOAD, trainCell } from '../notebooks';
import { logRichRun } from '../richrun';
import { logRuns } from '../runs';

const PARTS = ['#trackside-panel', '.jp-TracksideRun', '.jp-TracksideCard'];

for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
  test(`axe finds nothing in panel, run document and cell output (${theme})`, async ({ lab }) => {
    await logRichRun(lab.server, `seen in ${theme}`);
    lab.server.notebook('axe.ipynb', [LOAD, HELPER, trainCell('', 5)]);
    await lab.open();
    await lab.execute('apputils:change-theme', { theme });
    await expect(lab.page.locator('body')).toHaveAttribute('data-jp-theme-name', theme);
    await lab.openNotebook('axe.ipynb');
    for (const index of [0, 1, 2]) {
      await lab.runCell(index);
    }
    const card = lab.cell(2).locator('.jp-TracksideCard');
    await expect(card).toHaveAttribute('data-state', 'SUCCEEDED', { timeout: 60_000 });
    const inOutput = await new AxeBuilder({ page: lab.page })
      .include('.jp-TracksideCard')
      .analyze();
    expect(inOutput.violations).toEqual([]);

    const panel = await lab.openPanel();
    await panel.getByRole('row', { name: new RegExp(`^seen in ${theme},`) }).dblclick();
    const document = lab.page.locator('.jp-TracksideRun');
    for (const tab of ['Overview', 'Charts', 'System', 'Artifacts', 'Code', 'Environment']) {
      await document.getByRole('tab', { name: tab }).click();
      await expect(document.getByRole('tabpanel')).toBeVisible();
      if (tab === 'Overview') {
        await document.getByRole('button', { name: 'Edit', exact: true }).click();
        await document.getByRole('button', { name: 'Add tag' }).click();
      } else if (tab === 'Artifacts') {
        await document.getByRole('treeitem', { name: 'table.csv' }).click();
        await expect(document.getByRole('cell', { name: 'second' })).toBeVisible();
      }
      const scan = new AxeBuilder({ page: lab.page });
      for (const part of PARTS.slice(0, 2)) {
        scan.include(part);
      }
      expect((await scan.analyze()).violations).toEqual([]);
    }
  });
}

test('opening everything prints no error to the browser’s console', async ({ lab }) => {
  const errors: string[] = [];
  lab.page.on('console', message => {
    if (message.type() === 'error') {
      errors.push(message.text());
    }
  });
  lab.page.on('pageerror', error => errors.push(String(error)));
  await logRuns(lab.server, 'quiet', [{ name: 'silent', loss: 0.5, lr: '0.1' }]);
  await lab.open();
  const panel = await lab.openPanel();
  await panel.getByRole('row', { name: /^silent,/ }).dblclick();
  const document = lab.page.locator('.jp-TracksideRun');
  for (const tab of ['Charts', 'Artifacts', 'Code', 'Environment', 'Overview']) {
    await document.getByRole('tab', { name: tab }).click();
    await expect(document.getByRole('tabpanel')).toBeVisible();
  }
  expect(errors).toEqual([]);
});
