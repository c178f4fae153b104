import { expect, Lab, test } from '../fixtures';
import { MlflowProcess } from '../mlflow';
import { LOAD } from '../notebooks';
import { logRuns } from '../runs';
import { JupyterProcess } from '../server';

test('the panel shows the runs of an MLflow server, and says when it is away', async ({ page }) => {
  const mlflow = new MlflowProcess();
  let jupyter: JupyterProcess | undefined;
  try {
    await mlflow.start();
    jupyter = new JupyterProcess({ args: [`--Trackside.tracking_uri=${mlflow.url}`] });
    await jupyter.start();
    const [first] = await logRuns(jupyter, 'digits', [
      { name: 'first', loss: 0.4, lr: '0.1' },
      { name: 'second', loss: 0.3, lr: '0.01' }
    ]);
    const lab = new Lab(page, jupyter);
    await lab.open();
    const panel = await lab.openPanel();
    await expect(panel.getByText(/^MLflow \d+\.\d+\.\d+ at 127\.0\.0\.1:\d+$/)).toBeVisible();
    await expect(panel.getByRole('row', { name: /first/ })).toBeVisible();
    await page.screenshot({ path: test.info().outputPath('panel.png') });

    // What others do there is seen without anybody asking.
    const { experiment_id } = await mlflow.post('experiments/create', { name: 'of others' });
    await mlflow.post('runs/create', { experiment_id, run_name: 'theirs', start_time: Date.now() });
    await panel.getByRole('button', { name: 'Refresh' }).click();
    await expect(panel.getByRole('row', { name: /theirs/ })).toBeVisible();

    // Its curves are drawn.
    await panel.getByRole('row', { name: /second/ }).dblclick();
    await page.getByRole('tab', { name: 'Charts' }).click();
    await expect(
      page.locator('.jp-TracksideDoc canvas, .jp-TracksideChart canvas').first()
    ).toBeVisible();
    await page.screenshot({ path: test.info().outputPath('run.png') });

    // They are compared, in a tab of their own and in a notebook.
    await panel.getByRole('row', { name: /second/ }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Compare Runs…' }).click();
    const picker = page.getByRole('dialog');
    await picker.getByRole('checkbox', { name: 'first' }).check();
    await picker.getByRole('button', { name: 'Compare' }).click();
    const compared = page.locator('.jp-TracksideDoc .jp-TracksideCompare');
    await expect(compared.getByRole('row', { name: /^lr 0\.0?1 0\.0?1$/ })).toBeVisible();
    await page.screenshot({ path: test.info().outputPath('compare.png') });
    jupyter.notebook('theirs.ipynb', [
      `${LOAD}\nimport trackside as ts`,
      `ts.show("${first}")`,
      'ts.compare(ts.runs("digits"))'
    ]);
    await lab.openNotebook('theirs.ipynb');
    for (const index of [0, 1, 2]) {
      await lab.runCell(index);
    }
    await expect(lab.cell(1).getByRole('region', { name: 'Run first' })).toContainText('lr 0.1');
    await expect(lab.cell(2).locator('.jp-TracksideCompare')).toContainText('lr 0.1');
    await page.screenshot({ path: test.info().outputPath('cells.png') });
    // A cell that ends gives the focus to the notebook.
    await lab.kernelIdle();

    // What is deleted there comes back from the trash, and nothing is deleted for ever.
    await panel.getByRole('row', { name: /second/ }).press('Delete');
    await lab.execute('trackside:open-trash');
    const trash = page.locator('.jp-TracksideTrash');
    await expect(trash.getByText(/whoever runs it does that with “mlflow gc”/)).toBeVisible();
    await expect(trash.getByRole('row', { name: /^Run second/ })).toBeVisible();
    await expect(trash.getByRole('button', { name: /for ever/ })).toHaveCount(0);
    await page.screenshot({ path: test.info().outputPath('trash.png') });
    await trash.getByRole('button', { name: 'Select all' }).click();
    await trash.getByRole('button', { name: 'Take back' }).click();
    await expect(trash.getByText('The trash is empty.')).toBeVisible();

    await mlflow.stop();
    await panel.getByRole('button', { name: 'Refresh' }).click();
    await expect(
      panel.getByRole('status').getByText(/cannot be reached: connection refused/)
    ).toBeVisible();
    // Said once: it is not the fault of the filter.
    await expect(panel.getByRole('alert')).toHaveCount(0);
    // What is known stays in view.
    await expect(panel.getByRole('row', { name: /first/ })).toBeVisible();
    await page.screenshot({ path: test.info().outputPath('away.png') });
    await mlflow.start();
    await expect(panel.getByText(/cannot be reached/)).toHaveCount(0, { timeout: 60_000 });
  } finally {
    await jupyter?.dispose();
    await mlflow.dispose();
  }
});
