import AxeBuilder from '@axe-core/playwright';

import { expect, test } from '../fixtures';
import { registerModels } from '../models';
import { LOAD } from '../notebooks';
import { logRuns } from '../runs';

test.describe('The outputs of cells', () => {
  test('draw everything live, whatever becomes of the kernel and the page', async ({ lab }) => {
    const { page, server } = lab;
    const [first] = await logRuns(server, 'cells', [
      { name: 'run-a', loss: 0.4, lr: '0.1' },
      { name: 'run-b', loss: 0.3, lr: '0.01' },
      { name: 'run-c', loss: 0.2, lr: '0.001' }
    ]);
    await registerModels(server, 'cells-clf', [first]);
    server.notebook('views.ipynb', [
      `${LOAD}\nimport trackside as ts`,
      '%runs cells',
      'ts.show(ts.runs("cells").head(2))',
      `ts.show("${first}")`,
      'ts.model("cells-clf")',
      'ts.show(ts.compare(ts.runs("cells")))'
    ]);
    await lab.open();
    await lab.openNotebook('views.ipynb');
    for (const index of [0, 1, 2, 3, 4, 5]) {
      await lab.runCell(index);
    }
    await lab.kernelIdle();
    const rows = (index: number) => lab.cell(index).locator('[data-trackside-run]');
    const shots = test.info().outputPath.bind(test.info());
    await lab.cell(1).scrollIntoViewIfNeeded();
    await expect(lab.cell(1).getByRole('grid', { name: 'Runs of cells' })).toContainText('run-c');
    await page.screenshot({ path: shots('experiment.png') });
    await lab.cell(2).scrollIntoViewIfNeeded();
    await expect(rows(2)).toHaveCount(2);
    await expect(lab.cell(2).locator('.jp-TracksideSpark')).toHaveCount(2);
    const card = lab.cell(3).getByRole('region', { name: 'Run run-a' });
    await lab.cell(3).scrollIntoViewIfNeeded();
    await expect(card).toContainText('lr 0.1');
    await card.getByRole('button', { name: 'Charts' }).click();
    await expect(card.locator('canvas').first()).toBeVisible();
    await page.screenshot({ path: shots('runs.png') });
    await lab.cell(4).scrollIntoViewIfNeeded();
    await expect(lab.cell(4).locator('.jp-TracksideModel')).toContainText('v1');
    await page.screenshot({ path: shots('model.png') });
    await lab.cell(5).scrollIntoViewIfNeeded();
    await expect(lab.cell(5).locator('.jp-TracksideCompare')).toContainText('lr');
    await page.screenshot({ path: shots('compare.png') });

    // What comes later appears by itself, also when the kernel that asked is gone.
    await lab.execute('docmanager:save');
    await page.evaluate(() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown());
    // Rows at which somebody points keep still.
    await lab.cell(1).getByRole('grid', { name: 'Runs of cells' }).hover();
    await logRuns(server, 'cells', [{ name: 'run-d', loss: 0.1, lr: '1' }]);
    await lab.cell(1).getByRole('button', { name: '1 new run' }).click();
    await expect(lab.cell(1).getByRole('grid', { name: 'Runs of cells' })).toContainText('run-d');

    await lab.reload();
    await lab.openNotebook('views.ipynb');
    await expect(lab.cell(1).getByRole('grid', { name: 'Runs of cells' })).toContainText('run-d');
    await lab.cell(3).scrollIntoViewIfNeeded();
    await expect(card).toContainText('loss');
    await lab.cell(4).scrollIntoViewIfNeeded();
    await expect(lab.cell(4).locator('.jp-TracksideModel')).toContainText('v1');
  });
});

test.describe('A table of runs as a widget', () => {
  test('gives what is selected in it to Python, and takes it from there', async ({ lab }) => {
    const { page, server } = lab;
    await logRuns(server, 'dashboard', [
      { name: 'run-a', loss: 0.4, lr: '0.1' },
      { name: 'run-b', loss: 0.3, lr: '0.01' }
    ]);
    server.notebook('dashboard.ipynb', [
      'import trackside as ts\nw = ts.RunsWidget(experiment="dashboard")\nw',
      'print("selected:", *[run.name for run in w.value])',
      'w.selected = list(ts.runs("dashboard")["run_id"])',
      'ts.CompareWidget(w.value)',
      'ts.RunWidget(w.value[0])'
    ]);
    await lab.open();
    await lab.openNotebook('dashboard.ipynb');
    await lab.runCell(0);
    const grid = lab.cell(0).getByRole('grid', { name: 'Runs of dashboard' });
    await expect(grid.getByRole('row', { name: /^run-b/ })).toBeVisible();
    await grid.getByRole('row', { name: /^run-b/ }).click();
    await lab.kernelIdle();
    await lab.runCell(1);
    await expect(lab.cell(1)).toContainText('selected: run-b');
    await lab.runCell(2);
    await expect(grid.locator('[role="row"][aria-selected="true"]')).toHaveCount(2);

    await lab.runCell(3);
    await expect(lab.cell(3).locator('canvas')).toBeVisible();
    await expect(lab.cell(3).getByRole('table', { name: 'What differs' })).toContainText('0.01');
    await lab.runCell(4);
    await lab.cell(4).getByRole('button', { name: 'Charts' }).click();
    await expect(lab.cell(4).locator('canvas').first()).toBeVisible();
    for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
      await lab.execute('apputils:change-theme', { theme });
      await expect(page.locator('body')).toHaveAttribute('data-jp-theme-name', theme);
      const seen = await new AxeBuilder({ page }).include('.jp-TracksideCard').analyze();
      expect(seen.violations).toEqual([]);
      await page.screenshot({ path: test.info().outputPath(`widgets ${theme}.png`) });
    }
    await lab.cell(0).scrollIntoViewIfNeeded();
    await page.screenshot({ path: test.info().outputPath('table.png') });
    await lab.cell(0).getByLabel('Filter').fill("params.lr = '0.1'");
    await expect(grid.getByRole('row', { name: /^run-b/ })).toHaveCount(0);
    await expect(grid.getByRole('row', { name: /^run-a/ })).toBeVisible();
  });
});
