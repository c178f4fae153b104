import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '../fixtures';
import { FILES, logHostile, NOTE, notebook, PROGRAM, TAGS, TEXT, Watch } from '../hostile';

/** Text in which characters that reorder others may have been replaced. */
const SHOWN = TEXT.slice(0, TEXT.indexOf('\u202e')).trim();

test('texts that mean harm are shown, and do nothing, in every view', async ({ lab }) => {
  const { page, server } = lab;
  const { experiment, runs } = await logHostile(server);
  writeFileSync(join(server.notebooks, 'evil.py'), PROGRAM);
  const job = await server.request('trackside/api/v1/jobs', 'POST', {
    kind: 'script',
    path: 'evil.py',
    experiment: TEXT
  });
  for (const definition of [
    {},
    { columns: TEXT, group: 7, order: [TEXT], filter: { a: TEXT } },
    JSON.parse('{"__proto__": {"polluted": 1}, "group": "params.__proto__"}')
  ]) {
    await server.request('trackside/api/v1/table-views', 'POST', {
      name: `${TEXT} ${JSON.stringify(definition).length}`,
      experiment_ids: [experiment],
      definition
    });
  }
  const watch = new Watch(page, new URL(server.url).host);
  await watch.start();
  const quiet = async (where: string) => expect.soft(await watch.found(), where).toEqual([]);

  await lab.open();
  const panel = await lab.openPanel();
  await test.step('the panel', async () => {
    const row = panel.getByRole('grid', { name: 'Runs' }).getByRole('row');
    await expect(row.filter({ hasText: TAGS }).first()).toBeVisible();
    await quiet('panel');
  });

  await test.step('the table of an experiment', async () => {
    await lab.execute('trackside:open-experiment', { experiment_ids: [experiment] });
    const table = page.locator('.jp-TracksideExperiment:visible');
    await expect(table.getByRole('row').filter({ hasText: SHOWN }).first()).toBeVisible();
    await quiet('table');
    await table.getByRole('button', { name: 'Views' }).click();
    await expect(page.getByRole('button', { name: /^<img/ }).first()).toBeVisible();
    await quiet('saved views');
    await page.keyboard.press('Escape');
  });

  await test.step('the document of a run', async () => {
    await lab.execute('trackside:open-run', { run_id: runs[0] });
    const view = page.locator('.jp-TracksideRun:visible');
    await expect(view.getByRole('heading', { level: 1 })).toContainText(SHOWN);
    for (const tab of await view.getByRole('tab').all()) {
      await tab.click();
      await expect(view.getByRole('tabpanel')).toBeVisible();
      await quiet(`tab ${await tab.innerText()}`);
    }
    await view.getByRole('tab', { name: 'Overview' }).click();
    await expect(view.getByText('The end of the note.')).toBeVisible();
    for (const key of ['__proto__', 'constructor', 'hasOwnProperty']) {
      await expect(view.getByRole('row').filter({ hasText: key }).first()).toBeVisible();
    }
    await quiet('notes');
  });

  await test.step('its files', async () => {
    const view = page.locator('.jp-TracksideRun:visible');
    await view.getByRole('tab', { name: 'Artifacts' }).click();
    const tree = view.getByRole('tree');
    const seen = view.locator('.jp-TracksideArtifacts-view');
    await tree.getByRole('treeitem', { name: 'folder' }).click();
    for (const path of Object.keys(FILES)) {
      const [name] = path.split('/').slice(-1);
      // A character that reorders others is shown as another one.
      const item = tree.getByRole('treeitem').filter({ hasText: name.replace(/^\u202e/, '') });
      await item.first().click();
      await expect(view.locator('.jp-TracksideArtifacts-preview')).toBeVisible();
      await quiet(`file ${name}`);
    }
    await tree.getByRole('treeitem', { name: 'readme.md' }).click();
    await expect(seen).toContainText('The end of the note.');
    await quiet('Markdown');
    await tree.getByRole('treeitem', { name: 'work.ipynb' }).click();
    await expect(seen).toContainText('The end of the note.');
    await quiet('a notebook');
    await tree.getByRole('treeitem', { name: 'x.constructor' }).click();
    await expect(seen).toContainText(SHOWN);
    await tree.getByRole('treeitem', { name: 'data.json' }).click();
    await expect(seen).toContainText('polluted');
    await quiet('JSON');
  });

  await test.step('a log, and how a job ended', async () => {
    await expect
      .poll(async () => (await server.request(`trackside/api/v1/jobs/${job.job_id}`)).ended_at, {
        timeout: 60_000
      })
      .toBeTruthy();
    await lab.execute('trackside:open-run', { run_id: job.run_id, tab: 'logs' });
    const view = page.locator('.jp-TracksideRun:visible');
    await expect(view.getByText(SHOWN, { exact: false }).first()).toBeVisible();
    await expect(view.getByText('a link', { exact: false }).first()).toBeVisible();
    await quiet('log');
    for (const tab of await view.getByRole('tab').all()) {
      await tab.click();
      await quiet(`job: ${await tab.innerText()}`);
    }
  });

  await test.step('a comparison', async () => {
    await lab.execute('trackside:compare-runs', { run_ids: runs });
    const view = page.locator('.jp-TracksideCompare:visible');
    await expect(view).toContainText('constructor');
    await expect(view).toContainText(SHOWN);
    await quiet('comparison');
    for (const tab of await view.getByRole('tab').all()) {
      await tab.click();
      await quiet(`comparison: ${await tab.innerText()}`);
    }
  });

  await test.step('a model', async () => {
    await lab.execute('trackside:open-model', { name: TAGS });
    const view = page.locator('.jp-TracksideModel:visible');
    await expect(view.getByRole('heading', { name: TAGS })).toBeVisible();
    await expect(view.getByText('The end of the note.').first()).toBeVisible();
    await quiet('model');
  });

  await test.step('the outputs of a notebook that somebody else wrote', async () => {
    const outputs = [
      { kind: 'run', run_id: runs[0], name: TEXT },
      { kind: 'runs', run_ids: runs },
      { kind: 'experiment', experiment_id: experiment, name: TEXT },
      { kind: 'model', name: TAGS },
      { kind: 'compare', run_ids: runs },
      { kind: 'job', job_id: job.job_id, run_id: job.run_id, name: TEXT }
    ].map(data => ({ 'application/vnd.trackside.v1+json': data, 'text/html': TEXT + NOTE }));
    writeFileSync(join(server.notebooks, 'evil.ipynb'), notebook(outputs));
    await lab.execute('docmanager:open', { path: 'evil.ipynb', factory: 'Notebook' });
    const cell = lab.cell(0);
    const first = cell.locator('.jp-TracksideOutput').first();
    // It names a run that there is not, and nothing else: it says so when it comes into view.
    await first.evaluate(element => element.scrollIntoView());
    await expect(first).toBeVisible();
    for (const output of await cell.locator('.jp-TracksideOutput').all()) {
      await output.scrollIntoViewIfNeeded();
    }
    await expect(cell).toContainText(SHOWN);
    const inOutputs = await watch.found();
    // JupyterLab draws the other outputs and the note of such a notebook itself.
    expect.soft(inOutputs.filter(text => !text.startsWith('request:'))).toEqual([]);
  });

  await test.step('the trash', async () => {
    await server.request('trackside/api/2.0/mlflow/runs/delete', 'POST', { run_id: runs[2] });
    await lab.execute('trackside:open-trash');
    await expect(page.locator('.jp-TracksideTrash:visible')).toContainText(SHOWN);
  });
});
