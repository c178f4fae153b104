import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '../fixtures';
import { LOAD } from '../notebooks';
import { logRichRun } from '../richrun';

test('a run is read, written and taken along in its document', async ({ lab }) => {
  const { page, server } = lab;
  const run = await logRichRun(server, 'rich');
  await lab.open();
  await lab.execute('trackside:open-run', { run_id: run });
  const view = page.locator('.jp-TracksideRun');
  const tab = (name: string) => view.getByRole('tab', { name, exact: true }).click();

  await test.step('the overview has metrics with their ends, and the runs inside', async () => {
    const row = view.getByRole('row', { name: /^loss/ });
    await expect(row.locator('td').nth(3)).toHaveText('1');
    await expect(row.locator('.jp-TracksideSpark')).toBeVisible();
    await expect(view.getByRole('button', { name: 'child of rich' })).toBeVisible();
  });

  await test.step('notes are written in Markdown, looked at before, and taken back', async () => {
    const notes = view.getByRole('region', { name: 'Notes' });
    await expect(notes.locator('strong')).toHaveText('try');
    await notes.getByRole('button', { name: 'Edit' }).click();
    await notes.getByRole('textbox', { name: 'Notes' }).fill('Second *try*');
    await notes.getByRole('button', { name: 'Preview' }).click();
    await expect(notes.locator('em')).toHaveText('try');
    await notes.getByRole('button', { name: 'Save' }).click();
    await notes.getByRole('button', { name: 'Undo' }).click();
    await expect(notes.locator('strong')).toHaveText('try');
  });

  await test.step('a note that somebody else changed meanwhile is shown before it is lost', async () => {
    const notes = view.getByRole('region', { name: 'Notes' });
    await notes.getByRole('button', { name: 'Edit' }).click();
    await notes.getByRole('textbox', { name: 'Notes' }).fill('Mine');
    await server.request('trackside/api/2.0/mlflow/runs/set-tag', 'POST', {
      run_id: run,
      key: 'mlflow.note.content',
      value: '**Theirs**'
    });
    await notes.getByRole('button', { name: 'Save' }).click();
    await expect(notes.getByRole('alert')).toContainText('This note was changed meanwhile');
    await expect(notes.getByLabel('Their note')).toHaveText('**Theirs**');
    await notes.getByRole('button', { name: 'Keep mine' }).click();
    await expect(notes.locator('.jp-TracksideRendered')).toHaveText('Mine');
    await notes.getByRole('button', { name: 'Undo' }).click();
    await expect(notes.locator('strong')).toHaveText('Theirs');
  });

  await test.step('tags are added, changed, removed and taken back', async () => {
    const tags = view.getByRole('region', { name: 'Tags' });
    await tags.getByRole('button', { name: 'Add tag' }).click();
    await tags.getByRole('textbox', { name: 'Name of the tag' }).fill('stage');
    await tags.getByRole('textbox', { name: 'Value of the tag' }).fill('draft');
    await page.keyboard.press('Enter');
    const row = tags.getByRole('row', { name: /stage/ });
    await expect(row).toContainText('draft');
    await row.hover();
    await row.getByRole('button', { name: 'Remove the tag stage' }).click();
    await expect(row).toHaveCount(0);
    await tags.getByRole('button', { name: 'Undo' }).click();
    await expect(row).toContainText('draft');
  });

  await test.step('curves say what they cannot draw, and are saved as picture and data', async () => {
    await tab('Charts');
    const chart = view.locator('figure').filter({ hasText: 'loss' });
    await expect(chart).toContainText('9 NaN, from step 41 on');
    await expect(view.getByRole('region', { name: 'Single values' })).toContainText('test_f1');
    const plot = chart.getByRole('img');
    await plot.focus();
    await page.keyboard.press('Home');
    await expect(chart).toContainText('step 0');
    await page.keyboard.press('+');
    await expect(chart.getByRole('button', { name: 'Show all' })).toBeVisible();
    await page.keyboard.press('Escape');
    const [picture] = await Promise.all([
      page.waitForEvent('download'),
      chart.getByRole('button', { name: 'Save as PNG' }).click()
    ]);
    expect(picture.suggestedFilename()).toBe('loss.png');
    expect(
      readFileSync(await picture.path())
        .subarray(1, 4)
        .toString()
    ).toBe('PNG');
    const [data] = await Promise.all([
      page.waitForEvent('download'),
      chart.getByRole('button', { name: 'Save what is shown as CSV' }).click()
    ]);
    const rows = readFileSync(await data.path(), 'utf8')
      .trim()
      .split('\n');
    expect(rows).toHaveLength(121);
    expect(rows[42]).toMatch(new RegExp(`^${run},rich,loss,41,.*,NaN$`));
  });

  await test.step('what the machine measured has a tab of its own, which says why it is not there', async () => {
    const curves = '**/get-history-bulk-interval?*';
    const isPressed = () => page.evaluate(() => 'isPressed' in window);
    // News of the run have them asked for, too: only whoever clicks is to find the server back.
    await page.route(curves, async route =>
      (await isPressed()) ? route.continue() : route.abort()
    );
    await tab('System');
    await expect(view.getByText('The Jupyter server does not answer.').first()).toBeVisible();
    await page.evaluate(() =>
      document.addEventListener('click', () => Object.assign(window, { isPressed: true }), true)
    );
    await view.getByRole('button', { name: 'Try again' }).first().click();
    const titles = view.locator('.jp-TracksideChart-name:visible');
    await expect(titles.first()).toHaveText('CPU utilization (%)');
    const memory = view.locator('figure').filter({ hasText: 'Memory usage' });
    await expect(memory).toContainText('8.119 GB');
    await page.unroute(curves);
  });

  await test.step('files of every kind are looked at, and nothing in them runs', async () => {
    await tab('Artifacts');
    const tree = view.getByRole('tree');
    const look = (name: string) => tree.getByRole('treeitem', { name }).click();
    const seen = view.locator('.jp-TracksideArtifacts-preview');
    await look('eval');
    await look('rows.parquet');
    await expect(seen.getByRole('cell', { name: '2026-01-02 00:00:00' })).toHaveCount(3);
    await expect(seen).toContainText('3 rows, 4 columns.');
    await look('said.wav');
    await expect(seen.locator('audio')).toBeVisible();
    await look('dot.png');
    await expect(seen.getByRole('img')).toBeVisible();
    await look('notes.txt');
    await expect(seen).toContainText('plain words');
    await look('readme.md');
    await expect(seen.locator('strong')).toHaveText('bold words');
    await look('table.csv');
    await expect(seen.getByRole('cell', { name: 'second' })).toBeVisible();
    await look('config.json');
    await expect(seen).toContainText('"of": 3');
    await look('work.ipynb');
    await expect(seen).toContainText('A notebook of the run');
    await look('report.html');
    await expect(seen.frameLocator('iframe').getByRole('heading')).toHaveText('Report');
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  });

  await test.step('it opens as a new notebook, and again as another one', async () => {
    await lab.execute('trackside:open-as-notebook', { run });
    await expect(page.getByRole('tab', { name: 'rich.ipynb' })).toBeVisible();
    await lab.execute('trackside:open-as-notebook', { run });
    await expect(page.getByRole('tab', { name: 'rich-copy-2.ipynb' })).toBeVisible();
  });

  await test.step('one without a job says why it cannot run again', async () => {
    await lab.execute('trackside:run-again', { run });
    await expect(page.getByText('No job stands behind the run rich')).toBeVisible();
  });

  await test.step('it says that it was deleted for ever while it was open', async () => {
    await lab.execute('trackside:open-run', { run_id: run });
    await server.request('trackside/api/v1/trash/delete', 'POST', { run_ids: [run], force: true });
    await expect(view.getByRole('alert')).toHaveText('This run is no longer on the server.');
  });
});

test('what a job ran is run again, with what may differ said before', async ({ lab }) => {
  const { page, server } = lab;
  server.notebook('again.ipynb', [
    LOAD,
    `%%train --name again --param lr=0.5\nimport logging\nlogging.basicConfig(level="INFO")\nlogging.info("begins with %s", lr)\nlogging.error("it went wrong")\nprint("loss=0.1")`
  ]);
  await lab.open();
  await lab.openNotebook('again.ipynb');
  await lab.runCell(0);
  await lab.runCell(1);
  const card = lab.cell(1).locator('.jp-TracksideCard');
  await expect(card).toHaveAttribute('data-state', 'SUCCEEDED', { timeout: 60_000 });
  const { jobs } = await server.request('trackside/api/v1/jobs');
  const { run_id: run, job_id: job } = jobs[0];

  await test.step('lines are chosen by how serious they are', async () => {
    await lab.execute('trackside:open-run', { run_id: run, tab: 'logs' });
    const log = page.getByRole('log', { name: 'Log of the job' });
    await expect(log).toContainText('begins with 0.5');
    await page.getByRole('combobox', { name: 'Lines to show' }).selectOption('Errors');
    await expect(log).toContainText('it went wrong');
    await expect(log).not.toContainText('begins with');
    await lab.scan('.jp-TracksideRun');
  });

  await test.step('where everything is as it was, it starts at once and is shown', async () => {
    await page.locator('.jp-TracksideRun').getByRole('button', { name: 'Run again' }).click();
    await expect(page.getByRole('tab', { name: 'again-1' })).toBeVisible();
  });

  await test.step('packages that have changed are listed before', async () => {
    const { store } = await server.request('trackside/api/v1/info');
    const path = join(store.path, 'jobs', job, 'environment.json');
    const told = JSON.parse(readFileSync(path, 'utf8'));
    told.packages.tornado = '1.0';
    writeFileSync(path, JSON.stringify(told));
    await lab.begin('trackside:run-again', { run });
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('Packages have changed since: tornado 1.0 →');
    await lab.scan('.jp-Dialog');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect((await server.request('trackside/api/v1/jobs')).jobs).toHaveLength(jobs.length + 1);
  });

  await test.step('its cell opens as a notebook with the line that runs it as a job', async () => {
    await lab.execute('trackside:open-as-notebook', { run });
    const notebook = page.locator('.jp-NotebookPanel:not(.lm-mod-hidden)');
    await expect(notebook.getByText('lr = 0.5', { exact: true })).toBeVisible();
    await expect(notebook.getByText(/^%%train .*--param lr=0.5/)).toBeVisible();
  });
});
