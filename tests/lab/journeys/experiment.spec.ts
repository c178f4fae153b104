import { readFileSync } from 'node:fs';

import { expect, Lab, test } from '../fixtures';
import { MlflowProcess } from '../mlflow';
import { experimentOf, logRuns } from '../runs';
import { JupyterProcess } from '../server';
import { tableOf, undo } from '../table';

const RUNS = [
  { name: 'good', loss: 0.1, lr: '0.01' },
  { name: 'middling', loss: 0.3, lr: '0.1' },
  { name: 'bad', loss: 0.9, lr: '0.1' }
];

test('an experiment is filtered, sorted, grouped, tagged and cleared up in its table', async ({
  lab
}) => {
  const { page } = lab;
  const [run] = await logRuns(lab.server, 'in a table', RUNS);
  const id = await experimentOf(lab.server, run);
  await lab.open();
  const panel = await lab.openPanel();
  await panel.getByRole('combobox', { name: 'Experiment' }).selectOption('in a table');
  await panel.getByRole('button', { name: 'Open table' }).click();
  const { document, grid, filter, rows, status } = tableOf(page);
  await expect(status).toHaveText('3 runs');
  await expect(grid).toHaveAttribute('aria-rowcount', '4');
  await expect(rows(/^good/)).toContainText('0.1');

  // What may come next is offered; what is wrong is said at its place, and the rows stay.
  await filter.pressSequentially('metrics.lo');
  await document.getByRole('option', { name: 'metrics.loss' }).click();
  await filter.pressSequentially('< 0.5 AND params.lr < 1');
  await expect(document.getByRole('alert')).toContainText('params.lr is compared by');
  await expect(document.locator('mark')).toHaveText('<');
  await expect(rows(/^(good|middling|bad)/)).toHaveCount(3);
  await filter.fill('metrics.loss < 0.5');
  await expect(status).toHaveText('2 runs');
  await filter.press('Escape');
  await filter.press('Escape');
  await expect(status).toHaveText('3 runs');

  await grid.getByRole('columnheader', { name: 'Metric loss' }).click();
  await grid.getByRole('columnheader', { name: 'Param lr' }).click({ modifiers: ['Shift'] });
  await expect(grid.getByRole('columnheader', { name: 'Metric loss' })).toHaveAttribute(
    'aria-sort',
    'ascending'
  );
  await expect(rows(/./).nth(1)).toContainText('good');

  await document.getByRole('button', { name: /^Group by/ }).click();
  await page.getByRole('button', { name: 'Param lr' }).click();
  const tree = document.getByRole('treegrid');
  await tree.getByRole('button', { name: 'Unfold 0.1' }).click();
  await expect(rows(/^(middling|bad)/)).toHaveCount(2);
  await expect(tree.getByRole('row', { name: /0\.1.*2 runs/ })).toBeVisible();
  await document.getByRole('button', { name: /^Group by/ }).click();
  await page.getByRole('button', { name: 'No groups' }).click();

  await rows(/^good/).getByRole('checkbox').click();
  await rows(/^middling/)
    .getByRole('checkbox')
    .click({ modifiers: ['Shift'] });
  await expect(status).toHaveText('2 selected');

  // A file holds the selection, and a tag that many get is taken back for each.
  await document.getByRole('button', { name: 'Export' }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV, these columns' }).click()
  ]);
  const lines = readFileSync((await file.path())!, 'utf-8')
    .trim()
    .split('\r\n');
  expect(lines[0]).toContain('metrics.loss');
  expect(lines.slice(1).map(line => line.split(',')[1])).toEqual(['good', 'middling']);
  await document.getByRole('button', { name: 'Tag…' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('team=vision');
  await page.getByRole('button', { name: 'Tag', exact: true }).click();
  await expect(page.getByText('Tag team is written to 2 runs.')).toBeVisible();
  const tags = async (): Promise<string[]> =>
    (await lab.server.request('trackside/api/v1/runs/keys', 'POST', { experiment_ids: [id] })).tags;
  expect(await tags()).toContain('team');
  await undo(page, 'Tag team is written').click();
  await expect.poll(tags).not.toContain('team');
  await expect(status).toHaveText('2 selected');
  await document.getByRole('button', { name: 'Delete' }).click();
  await expect(status).toHaveText('1 run');
  await undo(page, 'in the trash').click();
  await expect(status).toHaveText('3 runs');

  // A saved view brings back what was chosen, and so does a reload.
  await document.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('textbox', { name: 'Name of the view' }).fill('by loss');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'by loss', exact: true })).toBeVisible();
  await page.getByRole('button', { name: /^As it comes/ }).click();
  await expect(rows(/./).nth(1)).toContainText('bad');
  await document.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('button', { name: 'by loss', exact: true }).click();
  await expect(rows(/./).nth(1)).toContainText('good');
  const kept = page.waitForResponse(
    answer =>
      answer.request().method() === 'PUT' &&
      Boolean(answer.request().postData()?.includes('metrics.loss < 0.7'))
  );
  await filter.fill('metrics.loss < 0.7');
  await expect(status).toHaveText('2 runs');
  await kept;
  await lab.reload();
  await expect(filter).toHaveValue('metrics.loss < 0.7');
  await expect(status).toHaveText('2 runs');
  await expect(grid.getByRole('columnheader', { name: 'Metric loss' })).toHaveAttribute(
    'aria-sort',
    'ascending'
  );
});

test('the table is used by the keyboard alone, and new runs do not move it', async ({ lab }) => {
  const { page } = lab;
  const [good] = await logRuns(lab.server, 'by keys', RUNS);
  const id = await experimentOf(lab.server, good);
  await lab.open();
  await lab.execute('trackside:open-experiment', { experiment_ids: [id] });
  const { document, grid, rows, status } = tableOf(page);
  await expect(status).toHaveText('3 runs');
  await grid.locator('[tabindex="0"]').focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(status).toHaveText('2 selected');
  await page.keyboard.press('Control+a');
  await expect(status).toHaveText('3 selected');
  await page.keyboard.press('Escape');
  await expect(status).toHaveText('3 runs');

  // Headings are above the first row: they sort, resize and move.
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowRight');
  const started = grid.getByRole('columnheader', { name: 'Started' });
  await expect(started).toBeFocused();
  const { width } = (await started.boundingBox())!;
  await page.keyboard.press('Shift+ArrowRight');
  await expect.poll(async () => (await started.boundingBox())!.width).toBeGreaterThan(width);
  await page.keyboard.press('Control+Shift+ArrowRight');
  await expect(started).toHaveAttribute('aria-colindex', '4');
  await started.focus();
  await expect(started).toHaveAttribute('aria-sort', 'descending');
  await page.keyboard.press('Enter');
  await expect(started).toHaveAttribute('aria-sort', 'ascending');

  // Sorted otherwise than by newest, so what comes waits until it is asked for.
  await lab.server.request('trackside/api/2.0/mlflow/runs/create', 'POST', {
    experiment_id: id,
    run_name: 'newcomer',
    start_time: Date.now()
  });
  const pill = document.getByRole('button', { name: '1 new run' });
  await expect(pill).toBeVisible();
  await expect(rows(/^newcomer/)).toHaveCount(0);
  await pill.click();
  await expect(rows(/^newcomer/)).toHaveCount(1);

  await grid.locator('[data-line="0"] > [data-column="1"]').focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('.jp-TracksideRun').getByRole('heading', { level: 1 })).toBeVisible();
});

test('axe finds nothing in the table and its menus', async ({ lab }) => {
  const { page } = lab;
  const [run] = await logRuns(lab.server, 'table for axe', RUNS);
  await lab.open();
  await lab.execute('trackside:open-experiment', {
    experiment_ids: [await experimentOf(lab.server, run)]
  });
  const { document, rows, status } = tableOf(page);
  await expect(status).toHaveText('3 runs');
  await rows(/^good/).getByRole('checkbox').click();
  await lab.scan('.jp-TracksideExperiment');
  for (const name of [/^Group/, 'Columns', 'Views', 'Export']) {
    const button = document.getByRole('button', { name });
    await button.click();
    await expect(page.locator('.jp-TracksidePopover')).toBeVisible();
    await lab.scan('.jp-TracksidePopover');
    await button.click();
    await expect(page.locator('.jp-TracksidePopover')).toHaveCount(0);
  }
});

test('the table shows the runs of an MLflow server', async ({ page }) => {
  const mlflow = new MlflowProcess();
  let jupyter: JupyterProcess | undefined;
  try {
    await mlflow.start();
    jupyter = new JupyterProcess({ args: [`--Trackside.tracking_uri=${mlflow.url}`] });
    await jupyter.start();
    const lab = new Lab(page, jupyter);
    const [run] = await logRuns(jupyter, 'elsewhere', RUNS);
    await lab.open();
    const id = await experimentOf(lab.server, run);
    await lab.execute('trackside:open-experiment', { experiment_ids: [id] });
    const { filter, rows } = tableOf(page);
    await expect(rows(/^(good|middling|bad)/)).toHaveCount(3);
    await filter.fill('metrics.loss < 0.5');
    await expect(rows(/^bad/)).toHaveCount(0);
    await filter.fill('');
    await expect(rows(/^bad/)).toHaveCount(1);

    // What others do there is seen without anybody asking.
    await mlflow.post('runs/create', {
      experiment_id: id,
      run_name: 'theirs',
      start_time: Date.now()
    });
    await expect(rows(/^theirs/)).toHaveCount(1);
  } finally {
    await jupyter?.dispose();
    await mlflow.dispose();
  }
});
