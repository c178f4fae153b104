import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Lab } from '../fixtures';
import { compiled, SDK, startPipeline } from '../pipelines';
import { JupyterProcess } from '../server';
import { expect, Gallery, test } from './gallery';

const WIDE = { width: 1280, height: 860 };
const API = 'trackside/apis/v2beta1';

/** What the pod of a task printed. */
const LOG = `I1129 06:00:12 launcher_v2.go:90] input ComponentSpec: comp-load
[KFP Executor 2026-11-29 06:00:13] Looking for component \`load\`
read 2,400 customers of 12 months
\x1b[33m38 rows lack a value\x1b[0m
I1129 06:00:15 launcher_v2.go:151] publish success.
`;

// Another Trackside server speaks the protocol of a KFP server.
test.describe('Pipelines of a KFP server', () => {
  const there = new JupyterProcess({ env: SDK });
  const gate = join(there.home, 'gate');
  let here: JupyterProcess;
  let live: string;

  test.beforeAll(async () => {
    const spec = compiled('churn');
    await there.start();
    here = new JupyterProcess({
      env: { ...SDK, TRACKSIDE_KFP_TOKEN: there.token },
      args: [`--Trackside.kfp_host=${there.url}trackside`]
    });
    writeFileSync(join(here.notebooks, 'churn.yaml'), JSON.stringify(spec));
    await here.start();
  });
  test.afterAll(async () => {
    writeFileSync(gate, '');
    await here?.dispose();
    await there.dispose();
  });

  test('the section, empty, full and away, a run that tells no values, and what is sent', async ({
    page
  }) => {
    const lab = new Lab(page, here);
    const gallery = new Gallery(lab);
    await lab.open();
    await page.setViewportSize({ ...WIDE, height: 480 });
    const panel = await lab.openPanel();
    await gallery.panelWidth(380);
    for (const title of ['Jobs', 'Runs', 'Models', 'Pipelines']) {
      await panel.getByRole('heading', { name: title }).click();
    }
    const section = panel.locator('.jp-TracksidePipelines');
    await section.getByRole('button', { name: /^127/ }).click();
    await expect(section.getByText('No pipeline runs on')).toBeVisible();
    await gallery.shoot('panel-pipelines-kfp-empty', section);

    const spec = compiled('churn');
    await there.request(`${API}/pipelines/create`, 'POST', {
      pipeline: { display_name: 'churn', name: 'churn', description: 'Who is about to leave.' },
      pipeline_version: { display_name: 'first', name: 'first', pipeline_spec: spec }
    });
    writeFileSync(join(there.home, 'open'), '');
    const open = join(there.home, 'open');
    const failed = await startPipeline(
      there,
      spec,
      { gate: open, months: 24, most_missing: 0.02 },
      'december'
    );
    await expect
      .poll(async () => (await there.request(`${API}/runs/${failed}`)).state, { timeout: 60_000 })
      .toBe('FAILED');
    live = await startPipeline(there, spec, { gate, months: 36 }, 'three years');
    await lab.execute('trackside:refresh');
    await expect(section.getByRole('row', { name: /^december, Failed/ })).toBeVisible();
    await expect(section.getByRole('row', { name: /^three years, Running/ })).toBeVisible({
      timeout: 40_000
    });
    await gallery.shoot('panel-pipelines-kfp', section);
    await gallery.panelWidth(280);
    await gallery.shoot('panel-pipelines-kfp-narrow', section);

    // What a server of KFP 2 does not tell.
    await page.setViewportSize(WIDE);
    await page.route('**/trackside/api/v1/kfp?*', async route => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), api: '2' } });
    });
    await page.route('**/tasks?*', async route => {
      const response = await route.fetch();
      const told = await response.json();
      for (const task of told.tasks) {
        delete task.inputs;
        delete task.outputs;
      }
      await route.fulfill({ response, json: told });
    });
    await lab.reload();
    await lab.execute('application:toggle-left-area');
    await lab.execute('trackside:open-pipeline-run', { run_id: `kfp:${live}` });
    const document = page.locator('.jp-TracksidePipeline:visible');
    await expect(document.getByText('KFP does not tell values')).toBeVisible();
    await gallery.shoot('pipeline-kfp', document);
    await lab.execute('trackside:open-pipeline-run', {
      run_id: `kfp:${live}`,
      task: 'exit-handler-1/load'
    });
    // This server's tasks have no pods.
    await page.route('**/log?*', route => route.fulfill({ body: LOG }));
    await document.getByRole('tab', { name: 'Log' }).click();
    await expect(document.getByRole('log')).toContainText('read 2,400 customers');
    await gallery.shoot('pipeline-kfp-log', document);

    await lab.begin('trackside:send-to-kubeflow', { path: 'churn.yaml' });
    const dialog = page.locator('.jp-Dialog-content');
    await expect(dialog.getByText('it gets a new version')).toBeVisible();
    await dialog.getByLabel('Run it there now').check();
    await gallery.shoot('pipeline-send', dialog);
    await page.keyboard.press('Escape');

    await page.unrouteAll({ behavior: 'wait' });
    await lab.execute('application:close-all');
    await lab.execute('application:toggle-left-area');
    await page.setViewportSize({ ...WIDE, height: 480 });
    await gallery.panelWidth(380);
    await there.stop('SIGKILL');
    await expect(section.getByText('cannot be reached')).toBeVisible({ timeout: 60_000 });
    await gallery.shoot('panel-pipelines-kfp-away', section);
    await there.start();
  });
});
