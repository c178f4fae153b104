import { expect, Lab, test } from '../fixtures';
import { HELPER, LOAD, trainCell } from '../notebooks';
import { logRuns } from '../runs';
import { JupyterProcess } from '../server';

test('Notebook 7 draws the live output of a cell', async ({ page }) => {
  const server = new JupyterProcess({ app: 'notebook' });
  try {
    await server.start();
    const lab = new Lab(page, server);
    server.notebook('seven.ipynb', [LOAD, HELPER, trainCell('--name in-seven', 10)]);
    await lab.open('notebooks/seven.ipynb');
    await expect(page.locator('.jp-Notebook')).toBeVisible();
    await lab.kernelReady();
    for (const index of [0, 1, 2]) {
      await lab.runCell(index);
    }
    const card = lab.cell(2).getByRole('region', { name: 'Job in-seven' });
    await expect(card).toHaveAttribute('data-state', 'SUCCEEDED', { timeout: 60_000 });
    await expect(card).toContainText('accuracy');
  } finally {
    await server.dispose();
  }
});

test('Notebook 7 draws runs and experiments, opens a run below, and has the widgets', async ({
  page
}) => {
  const server = new JupyterProcess({ app: 'notebook' });
  try {
    await server.start();
    const lab = new Lab(page, server);
    const [first] = await logRuns(server, 'seven', [
      { name: 'run-a', loss: 0.4, lr: '0.1' },
      { name: 'run-b', loss: 0.3, lr: '0.01' }
    ]);
    server.notebook('views.ipynb', [
      'import trackside as ts\nw = ts.RunsWidget(experiment="seven")\nw',
      'print("selected:", *[run.name for run in w.value])',
      `ts.show(ts.experiment("seven"))\nts.show("${first}")`
    ]);
    await lab.open('notebooks/views.ipynb');
    await expect(page.locator('.jp-Notebook')).toBeVisible();
    await lab.kernelReady();
    await lab.runCell(0);
    await lab
      .cell(0)
      .getByRole('row', { name: /^run-b/ })
      .click();
    await lab.kernelIdle();
    await lab.runCell(1);
    await expect(lab.cell(1)).toContainText('selected: run-b');
    await lab.runCell(2);
    await expect(lab.cell(2).getByRole('grid', { name: 'Runs of seven' })).toContainText('run-b');
    // What is not in view asks for nothing.
    await lab.cell(2).locator('.jp-OutputArea-output').last().scrollIntoViewIfNeeded();
    const card = lab.cell(2).getByRole('region', { name: 'Run run-a' });
    await expect(card).toBeVisible();
    await lab.scan('.jp-OutputArea-output');
    await card.getByRole('button', { name: 'Open' }).click();
    await expect(
      page.locator('.jp-TracksideRun').getByRole('heading', { name: 'run-a' })
    ).toBeVisible();
    await page.screenshot({ path: test.info().outputPath('seven.png') });
  } finally {
    await server.dispose();
  }
});
