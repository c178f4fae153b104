import { expect, Lab, test } from '../fixtures';
import { HELPER, LOAD, trainCell } from '../notebooks';
import { JupyterProcess } from '../server';

test('a page whose server was killed and came back shows the job to its right end', async ({
  page
}) => {
  const server = new JupyterProcess();
  try {
    await server.start();
    const lab = new Lab(page, server);
    server.notebook('lasting.ipynb', [LOAD, HELPER, trainCell('--name survivor', 80)]);
    await lab.open();
    await lab.openNotebook('lasting.ipynb');
    for (const index of [0, 1, 2]) {
      await lab.runCell(index);
    }
    const card = lab.cell(2).getByRole('region', { name: 'Job survivor' });
    await expect(card).toHaveAttribute('data-state', 'RUNNING');
    const before = await server.request('trackside/api/v1/jobs/survivor');

    await server.stop('SIGKILL');
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
