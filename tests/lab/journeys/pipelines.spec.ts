import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, Lab, test } from '../fixtures';
import { compiled, SDK, startPipeline } from '../pipelines';
import { JupyterProcess } from '../server';

test.describe('Pipelines', () => {
  const server = new JupyterProcess({ env: SDK });
  const python = join(server.home, 'other-python');
  let spec: Record<string, unknown>;
  test.beforeAll(async () => {
    spec = compiled('greet');
    // JSON is YAML.
    writeFileSync(join(server.notebooks, 'greet.yaml'), JSON.stringify(spec));
    writeFileSync(join(server.notebooks, 'settings.yaml'), 'level: 3\n');
    server.kernel('Other Python', python);
    await server.start();
  });
  test.afterAll(async () => {
    await server.dispose();
  });

  test('run out of a file and again with other arguments, are compared, put away and taken back', async ({
    page
  }) => {
    const lab = new Lab(page, server);
    await lab.open();
    const panel = await lab.openPanel();
    await panel.getByTitle('Pipelines', { exact: true }).click();
    const section = panel.locator('.jp-TracksidePipelines');
    await expect(section.getByText('No pipeline runs yet.')).toBeVisible();
    await expect(section.getByRole('button', { name: 'Copy the code' })).toBeVisible();

    // A file that is no pipeline says so; one that is one asks for what it takes.
    await lab.execute('filebrowser:activate');
    const file = (name: string) => page.locator('.jp-DirListing-item', { hasText: name });
    const run = page.getByRole('menuitem', { name: 'Run as Pipeline…' });
    await file('settings.yaml').click({ button: 'right' });
    await run.click();
    await expect(page.getByText('no compiled pipeline')).toBeVisible();
    await file('greet.yaml').click({ button: 'right' });
    await run.click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByText('Run greet')).toBeVisible();
    const start = dialog.getByRole('button', { name: 'Run', exact: true });
    await start.click();
    await expect(dialog.getByText('The pipeline needs a value here.')).toBeVisible();
    await expect(dialog.getByLabel('name (text)')).toBeFocused();
    await page.keyboard.type('Ada {{$}}');
    await dialog.getByLabel('extra (list, as JSON)').fill('{"a": 1}');
    await expect(dialog.getByText('Write a list')).toBeVisible();
    await lab.scan('.jp-Dialog');
    await dialog.getByLabel('extra (list, as JSON)').fill('["<b>"]');
    await dialog.getByLabel('loud').selectOption('true');
    await dialog.getByLabel('Name', { exact: true }).fill('first');
    await dialog.getByRole('combobox', { name: 'Python' }).selectOption(python);
    await start.click();

    // It opens, and is heard of in the panel without being asked for.
    await expect(
      page.locator('.jp-TracksidePipeline').getByRole('heading', { name: 'first' })
    ).toBeVisible();
    await lab.execute('trackside:show-panel');
    const row = (name: RegExp) => section.getByRole('row', { name });
    await expect(row(/^first, Succeeded/)).toBeVisible({ timeout: 60_000 });
    // Its tasks are jobs, which the list of jobs folds.
    await expect(panel.getByRole('grid', { name: 'Jobs' })).toHaveCount(0);
    await panel.getByRole('button', { name: '1 task of pipelines' }).click();
    await expect(panel.getByRole('row', { name: /^greet, Succeeded/ })).toBeVisible();
    await panel.getByRole('button', { name: 'Fold the tasks of pipelines' }).click();
    const runs = await server.request('trackside/apis/v2beta1/runs');
    expect(runs.runs[0].runtime_config.parameters).toEqual({
      name: 'Ada {{$}}',
      times: 2,
      loud: true,
      extra: ['<b>']
    });
    expect(existsSync(`${python}.ran`)).toBe(true);

    // Again with an argument with which it fails, by keyboard.
    await row(/^first, Succeeded/).focus();
    await page.keyboard.press('ArrowRight');
    await expect(section.getByRole('button', { name: 'Run first again…' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(dialog.getByLabel('name (text)')).toHaveValue('Ada {{$}}');
    const interpreter = dialog.getByRole('combobox', { name: 'Python' });
    await expect(interpreter).toHaveValue(python);
    await interpreter.selectOption('Python 3 (ipykernel): that of this Jupyter server');
    await dialog.getByLabel('times (whole number)').fill('-1');
    await dialog.getByLabel('Name', { exact: true }).fill('second');
    await start.click();
    await lab.execute('trackside:show-panel');
    await expect(row(/^second, Failed/)).toBeVisible({ timeout: 60_000 });
    await lab.scan('#trackside-panel');

    // All of them as a list: two are compared.
    await section.getByRole('button', { name: 'Open all pipeline runs as a list' }).click();
    const list = page.locator('.jp-TracksidePipelineRuns');
    const line = (name: RegExp) => list.getByRole('row', { name });
    await expect(line(/^second, Failed/)).toBeVisible();
    await list.getByRole('combobox', { name: 'State' }).selectOption('failed');
    await expect(line(/^first/)).toHaveCount(0);
    await list.getByRole('combobox', { name: 'State' }).selectOption('all');
    await list.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
    await expect(list.getByRole('row').nth(1)).toHaveAccessibleName(/^first/);
    await list.getByRole('checkbox', { name: 'Select first' }).click();
    await list.getByRole('checkbox', { name: 'Select second' }).click();
    await lab.scan('.jp-TracksidePipelineRuns');
    await list.getByRole('button', { name: 'Compare' }).click();
    const table = page.getByRole('table', { name: 'Arguments, metrics, outputs and artifacts' });
    await expect(table.getByRole('row', { name: /^times 2 −1/ })).toBeVisible();
    await expect(table.getByRole('row', { name: /^name/ })).toHaveCount(0);
    await expect(table.getByRole('row', { name: /^greet Succeeded Failed/ })).toBeVisible();

    // Put away, and taken back.
    await lab.execute('trackside:open-pipeline-runs');
    await list.getByRole('button', { name: 'Put away' }).click();
    await expect(list.getByText('No pipeline run matches')).toBeVisible();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(line(/^first/)).toBeVisible();
  });

  test('are kept with their versions, and recur until they are turned off', async ({ page }) => {
    const lab = new Lab(page, server);
    const { pipeline_id } = await server.request(
      'trackside/apis/v2beta1/pipelines/create',
      'POST',
      {
        pipeline: { display_name: 'greet', name: 'greet', description: 'Greets somebody.' },
        pipeline_version: { display_name: 'first', name: 'first', pipeline_spec: spec }
      }
    );
    const changed = JSON.parse(JSON.stringify(spec));
    changed.root.dag.tasks.greet.taskInfo.name = 'say hello';
    changed.root.dag.tasks.greet.retryPolicy = { maxRetryCount: 2 };
    await server.request(`trackside/apis/v2beta1/pipelines/${pipeline_id}/versions`, 'POST', {
      display_name: 'second',
      name: 'second',
      pipeline_spec: changed
    });
    await lab.open();
    const panel = await lab.openPanel();
    await panel.getByTitle('Pipelines', { exact: true }).click();
    const section = panel.locator('.jp-TracksidePipelines');
    await section.getByRole('button', { name: 'Pipelines', exact: true }).click();
    await section.getByRole('row', { name: /^greet/ }).focus();
    await page.keyboard.press('Enter');
    const body = page.getByRole('group', { name: 'greet' });
    await expect(body.getByText('Graph of second')).toBeVisible();
    // Nothing runs, so nothing is told of states.
    await expect(body.getByRole('option', { name: 'say hello', exact: true })).toBeVisible();
    await body.getByRole('button', { name: 'Compare with first' }).click();
    await expect(body.getByText(/say hello: .*how it is repeated and tried again/)).toBeVisible();
    await lab.scan('.jp-TracksidePipelineDoc-body');

    await page.getByRole('button', { name: 'Run…', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('name (text)').fill('Ada');
    await dialog.getByLabel('Name', { exact: true }).fill('nightly');
    await dialog.getByLabel('Take the outputs of equal tasks from the cache').uncheck();
    await dialog.getByRole('combobox', { name: 'When' }).selectOption('cron');
    await dialog.getByRole('textbox', { name: 'Cron expression' }).fill('6 * *');
    await expect(dialog.getByText('Five fields: ')).toBeVisible();
    await dialog.getByRole('textbox', { name: 'Cron expression' }).fill('0 0 6 * * *');
    await expect(dialog.getByText(/^Next: .+ · .+ · .+/)).toBeVisible();
    await lab.scan('.jp-Dialog');
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    await expect(dialog).toHaveCount(0);
    const { recurringRuns } = await server.request('trackside/apis/v2beta1/recurringruns');
    expect(recurringRuns[0].pipeline_version_reference).toMatchObject({ pipeline_id });
    await section.getByRole('button', { name: 'Recurring' }).click();
    const row = section.getByRole('row', {
      name: /^nightly, pipeline, on, every day at 06:00, next in/
    });
    await expect(row).toBeVisible();
    await expect(section.getByText('They start while this Jupyter server runs.')).toBeVisible();
    await row.hover();
    await section.getByRole('button', { name: 'Run nightly now' }).click();
    await expect(
      page.locator('.jp-TracksidePipeline').getByRole('heading', { name: 'nightly' })
    ).toBeVisible();
    const { runs } = await server.request('trackside/apis/v2beta1/runs');
    const now = runs.find((one: { display_name: string }) => /^nightly /.test(one.display_name));
    expect(now.trackside.cached).toBe(false);
    expect(now.pipeline_version_reference).toMatchObject({ pipeline_id });
    // Changed, with all else as it was; another tab hears of it at once.
    const other = new Lab(await page.context().newPage(), server);
    // JupyterLab leads a second page of one workspace to another one, which it loads anew.
    await other.open('lab/workspaces/other?reset');
    const there = (await other.openPanel()).locator('.jp-TracksidePipelines');
    await other.page.locator('#trackside-panel').getByTitle('Pipelines', { exact: true }).click();
    await there.getByRole('button', { name: 'Recurring' }).click();
    await expect(
      there.getByRole('row', { name: /^nightly, pipeline, on, every day at 06:00/ })
    ).toBeVisible();
    await page.bringToFront();
    await row.hover();
    await section.getByRole('button', { name: 'Edit nightly…' }).click();
    await expect(dialog.getByText('Edit nightly')).toBeVisible();
    await expect(dialog.getByLabel('name (text)')).toHaveValue('Ada');
    await expect(dialog.getByRole('combobox', { name: 'When' })).toHaveValue('cron');
    await dialog.getByRole('textbox', { name: 'Cron expression' }).fill('0 30 7 * * 1');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    const weekly = /^nightly, pipeline, on, every Monday at 07:30/;
    await expect(section.getByRole('row', { name: weekly })).toBeVisible();
    await expect(section.getByRole('row', { name: /^nightly/ })).toHaveCount(1);
    await expect(there.getByRole('row', { name: weekly })).toBeVisible();
    const [edited] = (await server.request('trackside/apis/v2beta1/recurringruns')).recurringRuns;
    expect(edited.trackside.cached).toBe(false);
    expect(edited.runtime_config.parameters.name).toBe('Ada');
    await other.page.close();

    // A new version out of a file.
    await lab.begin('trackside:upload-pipeline-version', {
      pipeline: pipeline_id,
      path: 'greet.yaml'
    });
    await expect(dialog.getByRole('textbox')).toHaveValue('version 3');
    await dialog.getByRole('button', { name: 'Upload' }).click();
    await expect(body.getByText('Graph of version 3')).toBeVisible();
    const toggle = section.getByRole('switch', { name: 'nightly starts runs' });
    await toggle.click();
    await expect(toggle).not.toBeChecked();
    await expect(section.getByRole('row', { name: /^nightly, pipeline, off/ })).toBeVisible();
    await lab.scan('#trackside-panel');
  });

  test('open by the link that KFP’s client prints', async ({ page }) => {
    const lab = new Lab(page, server);
    const id = await startPipeline(server, spec, { name: 'Ada' }, 'linked');
    await lab.open(`trackside/#/runs/details/${id}`);
    await expect(
      page.locator('.jp-TracksidePipeline').getByRole('heading', { name: 'linked' })
    ).toBeVisible();
  });
});
