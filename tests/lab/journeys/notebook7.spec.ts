import { expect, Lab, test } from '../fixtures';
import { HELPER, LOAD, trainCell } from '../notebooks';
import { JupyterProcess } from '../server';

test('Notebook 7 draws the live output of a cell', async ({ page }) => {
  const server = new JupyterProcess({ app: 'notebook' });
  try {
    await server.start();
    const lab = new Lab(page, server);
    server.notebook('seven.ipynb', [LOAD, HELPER, trainCell('--name in-seven', 10)]);
    await lab.open('notebooks/seven.ipynb');
    await expect(page.locator('.jp-Notebook')).toBeVisible();
    await lab.kernelReady();
    for (const index of [0, 1, 2]) {
      await lab.runCell(index);
    }
    const card = lab.cell(2).getByRole('region', { name: 'Job in-seven' });
    await expect(card).toHaveAttribute('data-state', 'SUCCEEDED', { timeout: 60_000 });
    await expect(card).toContainText('accuracy');
  } finally {
    await server.dispose();
  }
});
