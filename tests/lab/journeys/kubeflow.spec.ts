import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, Lab, test } from '../fixtures';
import { compiled, SDK, startPipeline } from '../pipelines';
import { JupyterProcess } from '../server';

const API = 'trackside/apis/v2beta1';

// Another Trackside server speaks the protocol of a KFP server, and runs what is sent to it.
test.describe('Pipelines of a KFP server', () => {
  const there = new JupyterProcess({ env: SDK });
  const gate = join(there.home, 'gate');
  let here: JupyterProcess;
  let runId: string;
  test.beforeAll(async () => {
    await there.start();
    here = new JupyterProcess({
      env: { ...SDK, TRACKSIDE_KFP_TOKEN: there.token },
      args: [`--Trackside.kfp_host=${there.url}trackside`]
    });
    writeFileSync(join(here.notebooks, 'greet.yaml'), JSON.stringify(compiled('greet')));
    await here.start();
    const digits = compiled('digits');
    runId = await startPipeline(there, digits, { gate }, 'far away');
    await there.request(`${API}/pipelines/create`, 'POST', {
      pipeline: { display_name: 'digits', name: 'digits' },
      pipeline_version: { display_name: 'first', name: 'first', pipeline_spec: digits }
    });
  });
  test.afterAll(async () => {
    // What still waits there ends by itself.
    writeFileSync(gate, '');
    await here?.dispose();
    await there.dispose();
  });

  test('are browsed, looked into, stopped and sent where those here are', async ({ page }) => {
    const lab = new Lab(page, here);
    await lab.open();
    const panel = await lab.openPanel();
    await panel.getByTitle('Pipelines', { exact: true }).click();
    const section = panel.locator('.jp-TracksidePipelines');
    const row = (name: RegExp) => section.getByRole('row', { name });

    // The switch stands there because a server is set; what is here is shown first.
    await expect(section.getByText('No pipeline runs yet.')).toBeVisible();
    const places = section.getByRole('group', { name: 'Where pipelines are' });
    const host = places.getByRole('button', { name: /^127\.0\.0\.1/ });
    await host.click();
    await expect(host).toHaveAttribute('aria-pressed', 'true');
    await expect(row(/^far away, Running/)).toBeVisible();
    await section.getByRole('button', { name: 'Pipelines', exact: true }).click();
    await expect(row(/^digits/)).toBeVisible();
    await section.getByRole('button', { name: 'Recurring' }).click();
    await expect(section.getByText('Nothing recurs on 127.0.0.1')).toBeVisible();
    await lab.scan('#trackside-panel');

    // The graph of a run there, live, until it is stopped; it comes back after a reload.
    await section.getByRole('button', { name: 'Runs', exact: true }).click();
    await row(/^far away/).dblclick();
    const document = page.locator('.jp-TracksidePipeline');
    await expect(document.getByRole('heading', { name: 'far away' })).toBeVisible();
    await expect(document.getByRole('listbox').getByRole('option').first()).toBeVisible();
    await lab.scan('.jp-TracksidePipeline');
    await document.getByRole('button', { name: 'Terminate' }).click();
    // Its exit task runs first.
    await expect(document.locator('.jp-TracksideDoc-state')).toHaveText('Canceled', {
      timeout: 60_000
    });
    await expect(row(/^far away, Canceled/)).toBeVisible();
    expect((await there.request(`${API}/runs/${runId}`)).state).toBe('CANCELED');
    await lab.reload();
    await expect(document.getByRole('heading', { name: 'far away' })).toBeVisible();
    await expect(document.locator('.jp-TracksideDoc-state')).toHaveText('Canceled');

    // A file is sent, and run with what the form asks for.
    await lab.execute('filebrowser:activate');
    await page.locator('.jp-DirListing-item', { hasText: 'greet.yaml' }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Send to Kubeflow…' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByText('It becomes a new pipeline')).toBeVisible();
    await dialog.getByLabel('Run it there now').check();
    const send = dialog.getByRole('button', { name: 'Send' });
    await send.click();
    await expect(dialog.getByText('The pipeline needs a value here.')).toBeVisible();
    await dialog.getByLabel('name (text)').fill('Ada');
    await lab.scan('.jp-Dialog');
    await send.click();
    await expect(page.getByText(/^greet was sent to .* and runs there/)).toBeVisible();
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await expect(document.getByRole('heading', { name: /^greet/ })).toBeVisible();
    const { runs } = await there.request(`${API}/runs?sort_by=created_at%20desc`);
    expect(runs[0].runtime_config.parameters).toMatchObject({ name: 'Ada' });
  });

  test('are steered in a cell as those here are', async ({ page }) => {
    const mine = join(there.home, 'gate-of-a-cell');
    const shown = await startPipeline(there, compiled('digits'), { gate: mine }, 'in a cell');
    const stateOf = async () => (await there.request(`${API}/runs/${shown}`)).state;
    here.notebook('there.ipynb', [`import trackside\n\ntrackside.show("kfp:${shown}")`]);
    const lab = new Lab(page, here);
    await lab.open();
    await lab.openNotebook('there.ipynb');
    await lab.runCell(0);
    const output = page.locator('.jp-OutputArea-output .jp-TracksidePipeline');
    const state = output.locator('.jp-TracksideDoc-state');
    const action = (name: string) => output.getByRole('button', { name, exact: true });
    await expect(output.getByRole('link', { name: 'Open in KFP' })).toHaveAttribute(
      'href',
      new RegExp(`/runs/details/${shown}$`)
    );
    await action('Terminate').click();
    await expect(state).toHaveText('Canceled', { timeout: 60_000 });
    expect(await stateOf()).toBe('CANCELED');
    await lab.scan('.jp-OutputArea-output');
    writeFileSync(mine, '');
    await action('Retry').click();
    await expect(state).toHaveText('Succeeded', { timeout: 90_000 });
    expect(await stateOf()).toBe('SUCCEEDED');

    // Its menu is that of its row in the panel.
    await output.getByText('in a cell', { exact: true }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Put Pipeline Run Away' }).click();
    await expect
      .poll(async () => (await there.request(`${API}/runs/${shown}`)).storage_state)
      .toBe('ARCHIVED');

    await action('Clone…').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    const document = page.locator('.jp-TracksidePipeline:not(.jp-mod-compact)');
    await expect(document.getByRole('link', { name: 'Open in KFP' })).toBeVisible();
    const { runs } = await there.request(`${API}/runs?sort_by=created_at%20desc`);
    expect(runs[0].run_id).not.toBe(shown);
    expect(runs[0].runtime_config.parameters).toMatchObject({ gate: mine });
  });

  test('are told to be away when their server is, and come back with it', async ({ page }) => {
    const lab = new Lab(page, here);
    await lab.open();
    const panel = await lab.openPanel();
    await panel.getByTitle('Pipelines', { exact: true }).click();
    const section = panel.locator('.jp-TracksidePipelines');
    await section.getByRole('button', { name: /^127\.0\.0\.1/ }).click();
    await expect(section.getByRole('row', { name: /^far away/ })).toBeVisible();
    await there.stop('SIGKILL');
    await lab.execute('trackside:open-pipeline-run', { run_id: `kfp:${runId}` });
    const document = page.locator('.jp-TracksidePipeline');
    await expect(document.getByText('cannot be reached')).toBeVisible();
    await expect(section.getByText('cannot be reached')).toBeVisible();
    await lab.scan('#trackside-panel');
    // What is here goes on.
    await section.getByRole('button', { name: 'Here' }).click();
    await expect(section.getByText('No pipeline runs yet.')).toBeVisible();
    await section.getByRole('button', { name: /^127\.0\.0\.1/ }).click();
    // It is asked again by itself, too: here only whoever clicks is to find it back.
    await page.route(
      url => url.pathname.endsWith('/api/v1/kfp') && !url.searchParams.has('refresh'),
      route => route.abort()
    );
    await there.start();
    await section.getByRole('button', { name: 'Try again' }).click();
    await expect(section.getByText('cannot be reached')).toHaveCount(0);
    await expect(section.getByRole('row', { name: /^far away/ })).toBeVisible();
    await expect(document.getByRole('heading', { name: 'far away' })).toBeVisible();
  });
});
