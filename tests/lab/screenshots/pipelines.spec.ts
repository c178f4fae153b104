import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Lab } from '../fixtures';
import { compiled, SDK, startPipeline } from '../pipelines';
import { JupyterProcess } from '../server';
import { expect, Gallery, test } from './gallery';

const WIDE = { width: 1280, height: 860 };
const API = 'trackside/apis/v2beta1';
const RECURRING = 'trackside/api/v1/recurring';

test.describe('Pipelines', () => {
  const server = new JupyterProcess({ env: SDK });
  const gate = join(server.home, 'gate');
  const open = join(server.home, 'open');
  let spec: Record<string, unknown>;
  let kept: string;
  let id: Record<'succeeded' | 'failed' | 'cached' | 'live', string>;

  /** Start a run, and wait for its end. */
  const run = async (name: string, values: Record<string, unknown>): Promise<string> => {
    const runId = await startPipeline(server, spec, { gate: open, ...values }, name);
    await expect
      .poll(async () => (await server.request(`${API}/runs/${runId}`)).state, { timeout: 60_000 })
      .toMatch(/SUCCEEDED|FAILED/);
    return runId;
  };

  test.beforeAll(async () => {
    spec = compiled('churn');
    writeFileSync(open, '');
    writeFileSync(join(server.notebooks, 'churn.yaml'), JSON.stringify(spec));
    await server.start();
    id = {
      succeeded: await run('november', {}),
      cached: await run('november again', {}),
      failed: await run('december', { months: 24, most_missing: 0.02 }),
      live: await startPipeline(server, spec, { gate, months: 36 }, 'three years')
    };
    const { pipeline_id } = await server.request(`${API}/pipelines/create`, 'POST', {
      pipeline: { display_name: 'churn', name: 'churn', description: 'Who is about to leave.' },
      pipeline_version: { display_name: 'first', name: 'first', pipeline_spec: spec }
    });
    kept = pipeline_id;
    await server.request(`${API}/pipelines/${pipeline_id}/versions`, 'POST', {
      display_name: 'second',
      name: 'second',
      description: 'Tries twice to load, and verifies the model.',
      pipeline_spec: later(spec)
    });
    const { experiments } = await server.request(`${API}/experiments`);
    for (const [name, expression] of [
      ['nightly', '0 0 6 * * *'],
      ['each Monday', '0 30 7 * * 1']
    ]) {
      await server.request(`${API}/recurringruns`, 'POST', {
        display_name: name,
        experiment_id: experiments[0].experiment_id,
        pipeline_version_reference: { pipeline_id },
        runtime_config: { parameters: { gate: open } },
        max_concurrency: '1',
        mode: 'ENABLE',
        trigger: { cron_schedule: { cron: expression } }
      });
    }
    for (const name of ['report', 'cleanup']) {
      const path = join(server.notebooks, `${name}.py`);
      writeFileSync(path, 'print("loss=0.1")\n');
      const { recurring_run_id } = await server.request(RECURRING, 'POST', {
        job: { kind: 'script', path: `${name}.py` },
        trigger: { cron_schedule: { cron: '0 0 7 * * 1-5' } }
      });
      await server.request(`${RECURRING}/${recurring_run_id}/run`, 'POST');
    }
    rmSync(join(server.notebooks, 'cleanup.py'));
  });
  test.afterAll(async () => {
    writeFileSync(gate, '');
    await server.dispose();
  });

  test('the section of the panel', async ({ page }) => {
    const lab = new Lab(page, server);
    const gallery = new Gallery(lab);
    await lab.open();
    await page.setViewportSize({ ...WIDE, height: 480 });
    const panel = await lab.openPanel();
    await gallery.panelWidth(380);
    for (const title of ['Jobs', 'Runs', 'Models', 'Pipelines']) {
      await panel.getByRole('heading', { name: title }).click();
    }
    const section = panel.locator('.jp-TracksidePipelines');
    await expect(section.getByRole('row', { name: /^three years, Running/ })).toBeVisible();
    await expect(section.getByRole('row', { name: /^december, Failed/ })).toBeVisible();
    await gallery.shoot('panel-pipelines', section);
    await section.getByRole('button', { name: 'Pipelines', exact: true }).click();
    await expect(section.getByRole('row', { name: /^churn/ })).toBeVisible();
    await gallery.shoot('panel-pipelines-kept', section);
    await section.getByRole('button', { name: 'Recurring' }).click();
    await expect(section.getByRole('row', { name: /^nightly/ })).toBeVisible();
    await expect(section.getByRole('row', { name: /^report, .*last Succeeded/ })).toBeVisible();
    await gallery.shoot('panel-pipelines-recurring', section);
  });

  test('a run, live, failed, in a loop, narrow and gone', async ({ page }) => {
    const lab = new Lab(page, server);
    const gallery = new Gallery(lab);
    await lab.open();
    await lab.execute('application:toggle-left-area');
    const document = page.locator('.jp-TracksidePipeline:visible');
    const node = (name: string) => document.getByRole('option', { name: new RegExp(`^${name};`) });
    const show = async (run_id: string, task?: string) => {
      await lab.execute('application:close-all');
      await lab.execute('trackside:open-pipeline-run', { run_id, task });
    };
    await show(id.live, 'exit-handler-1/for-loop-3');
    await expect(node('depths')).toContainText('3 of 4 iterations');
    await gallery.shoot('pipeline', document);
    await node('depths').dblclick();
    await document
      .getByRole('navigation')
      .getByRole('combobox', { name: /^Iteration/ })
      .selectOption('3');
    await node('train').click();
    await gallery.shoot('pipeline-iteration', document);

    await show(id.failed, 'exit-handler-1/check');
    await expect(node('check')).toHaveAttribute('aria-selected', 'true');
    await gallery.shoot('pipeline-failed', document);

    await show(id.succeeded, 'exit-handler-1/evaluate');
    await document.getByRole('tab', { name: /^Artifacts/ }).click();
    await expect(document.getByRole('img', { name: /^ROC curve/ })).toBeVisible();
    await gallery.shoot('pipeline-artifacts', document);
    const handle = document.getByRole('separator', { name: 'Height of the timeline' });
    await handle.focus();
    await page.keyboard.press('End');
    await gallery.shoot('pipeline-timeline', document);

    await show(id.cached, 'exit-handler-1/load');
    await expect(node('load')).toContainText('From the cache');
    await gallery.shoot('pipeline-cached', document);

    await page.setViewportSize({ width: 560, height: 900 });
    await show(id.live, 'exit-handler-1/for-loop-3');
    await expect(node('depths')).toBeVisible();
    await gallery.shoot('pipeline-narrow', document);
    await page.setViewportSize(WIDE);

    await lab.execute('application:close-all');
    await lab.execute('trackside:open-pipeline-run', { run_id: id.live.replace(/^./, 'z') });
    await expect(page.locator('.jp-MainAreaWidget:visible').getByRole('alert')).toBeVisible();
    await gallery.shoot('pipeline-missing', page.locator('.jp-MainAreaWidget:visible'));
  });

  test('the form, the list and a comparison', async ({ page }) => {
    const lab = new Lab(page, server);
    const gallery = new Gallery(lab);
    await lab.open();
    await lab.execute('application:toggle-left-area');
    const main = page.locator('.jp-MainAreaWidget:visible');
    await lab.begin('trackside:run-pipeline-file', { path: 'churn.yaml' });
    const dialog = page.locator('.jp-Dialog-content');
    await expect(dialog.getByLabel(/^gate/)).toBeVisible();
    await gallery.shoot('pipeline-launch', dialog);
    await dialog.getByLabel(/^months/).fill('many');
    await dialog.getByRole('combobox', { name: 'When' }).selectOption('cron');
    await dialog.getByRole('textbox', { name: 'Cron expression' }).fill('0 6 * *');
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    await expect(dialog.getByText('The pipeline needs a value here.')).toBeVisible();
    await expect(dialog.getByText('Five fields: minute')).toBeVisible();
    await gallery.shoot('pipeline-launch-refused', dialog);
    await page.keyboard.press('Escape');

    await lab.execute('trackside:open-pipeline-runs');
    await expect(main.getByRole('row', { name: /^three years/ })).toBeVisible();
    await main.getByRole('checkbox', { name: 'Select november', exact: true }).click();
    await main.getByRole('checkbox', { name: 'Select december' }).click();
    await gallery.shoot('pipeline-runs', main);
    await lab.execute('application:close-all');
    await lab.execute('trackside:compare-pipeline-runs', {
      pipeline_runs: [id.succeeded, id.failed]
    });
    await expect(main.getByRole('row', { name: /^months/ })).toBeVisible();
    await gallery.shoot('pipeline-compare', main);

    await lab.execute('application:close-all');
    await page.setViewportSize({ ...WIDE, height: 820 });
    await lab.execute('trackside:open-pipeline', { pipeline: kept });
    await expect(main.getByText('Graph of second')).toBeVisible();
    await main.getByRole('button', { name: 'Compare with first' }).click();
    await expect(main.getByText('From first to second')).toBeVisible();
    await gallery.shoot('pipeline-document', main);
    await page.setViewportSize(WIDE);
  });
});

/** A later version of the pipeline: it tries again to load, and verifies the model. */
function later(spec: Record<string, unknown>): unknown {
  const copy = structuredClone(spec) as {
    components: Record<string, { dag?: { tasks: Record<string, Record<string, unknown>> } }>;
  };
  const { tasks } = copy.components['comp-exit-handler-1'].dag!;
  tasks.load.retryPolicy = { maxRetryCount: 2 };
  tasks.verify = { ...tasks.evaluate, taskInfo: { name: 'verify' } };
  return copy;
}
