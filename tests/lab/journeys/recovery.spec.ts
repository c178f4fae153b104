import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, Lab, test } from '../fixtures';
import { HELPER, LOAD, trainCell } from '../notebooks';
import { logRuns } from '../runs';
import { JupyterProcess } from '../server';

test('a page whose server was killed and came back shows the job to its right end', async ({
  page
}) => {
  const server = new JupyterProcess();
  try {
    await server.start();
    const lab = new Lab(page, server);
    const gate = join(server.home, 'gate');
    server.notebook('lasting.ipynb', [LOAD, HELPER, trainCell('--name survivor', 80, gate)]);
    await lab.open();
    await lab.openNotebook('lasting.ipynb');
    for (const index of [0, 1, 2]) {
      await lab.runCell(index);
    }
    const card = lab.cell(2).getByRole('region', { name: 'Job survivor' });
    await expect(card).toHaveAttribute('data-state', 'RUNNING');
    const before = await server.request('trackside/api/v1/jobs/survivor');

    await server.stop('SIGKILL');
    writeFileSync(gate, '');
    await server.start();

    await expect(card).toHaveAttribute('data-state', 'SUCCEEDED', { timeout: 90_000 });
    const history = await server.request(
      `trackside/api/2.0/mlflow/metrics/get-history?run_id=${before.run_id}&metric_key=loss`
    );
    expect(history.metrics.map((point: { step: number }) => point.step)).toEqual(
      Array.from({ length: 80 }, (_, step) => step)
    );
  } finally {
    await server.dispose();
  }
});

test('what was asked while the server was away is answered when it is back, and nothing else is shown as the answer', async ({
  page
}) => {
  const server = new JupyterProcess();
  try {
    await server.start();
    const lab = new Lab(page, server);
    const ids = await logRuns(server, 'outage', [
      { name: 'good', loss: 0.1, lr: '0.1' },
      { name: 'bad', loss: 0.9, lr: '1' }
    ]);
    await lab.open();
    const { run } = await server.request(`trackside/api/2.0/mlflow/runs/get?run_id=${ids[0]}`);
    // What draws a comparison is loaded while the server is there.
    await lab.execute('trackside:compare-runs', { run_ids: ids });
    const comparison = page.locator('.jp-TracksideDoc .jp-TracksideCompare:visible');
    await expect(comparison.getByRole('heading', { level: 1 })).toContainText('differ');
    await lab.execute('application:close');
    await lab.execute('trackside:open-experiment', { experiment_ids: [run.info.experiment_id] });
    const table = page.locator('.jp-TracksideExperiment:visible');
    const status = table.getByRole('group', { name: 'Selection' }).getByRole('status');
    await expect(status).toHaveText('2 runs');

    await server.stop('SIGKILL');
    await table.getByRole('combobox', { name: 'Filter runs' }).fill('metrics.loss < 0.5');
    const away = table.getByText('this view catches up by itself');
    await expect(away).toHaveCount(1);
    await lab.execute('trackside:compare-runs', { run_ids: ids });
    await expect(
      page.locator('.jp-TracksideDoc:visible').getByText('The Jupyter server does not answer')
    ).toBeVisible();
    await server.start();

    await expect(comparison.getByRole('heading', { level: 1 })).toContainText('differ', {
      timeout: 40_000
    });
    await lab.execute('trackside:open-experiment', { experiment_ids: [run.info.experiment_id] });
    await expect(status).toHaveText('1 run');
    await expect(away).toHaveCount(0);
  } finally {
    await server.dispose();
  }
});
