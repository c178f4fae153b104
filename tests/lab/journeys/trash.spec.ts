import AxeBuilder from '@axe-core/playwright';

import { expect, test } from '../fixtures';
import { logRuns } from '../runs';

test.describe('The trash', () => {
  test('takes a run, gives it back, and is emptied for ever', async ({ lab }) => {
    const [first, second] = await logRuns(lab.server, 'thrown away', [
      { name: 'first-try', loss: 0.5, lr: '0.1' },
      { name: 'second-try', loss: 0.4, lr: '0.2' }
    ]);
    await lab.open();
    const before: number = (await lab.server.request('trackside/api/v1/trash')).runs;
    await lab.server.request('trackside/api/2.0/mlflow/runs/delete', 'POST', { run_id: first });
    await lab.server.request('trackside/api/2.0/mlflow/runs/delete', 'POST', { run_id: second });
    await lab.execute('trackside:open-run', { run_id: first });
    const document = lab.page.locator('.jp-TracksideDoc');
    await expect(document.getByText('This run is in the trash.')).toBeVisible();
    await document.getByRole('button', { name: 'Delete for ever' }).click();
    const dialog = lab.page.getByRole('dialog');
    await expect(dialog).toContainText('Delete run first-try for ever?');
    await dialog.getByRole('button', { name: 'Delete for Ever' }).click();
    await expect
      .poll(async () => (await lab.server.request('trackside/api/v1/trash')).runs)
      .toBe(before + 1);
    await lab.begin('trackside:empty-trash');
    await expect(dialog).toContainText(`runs: ${before + 1}`);
    await dialog.getByRole('button', { name: 'Delete for Ever' }).click();
    await expect
      .poll(async () => (await lab.server.request('trackside/api/v1/trash')).runs)
      .toBe(0);
  });

  test('shows what was deleted, gives it back and deletes it for ever, by keyboard too', async ({
    lab
  }) => {
    const { page, server } = lab;
    const mlflow = (path: string, body: unknown) =>
      server.request(`trackside/api/2.0/mlflow/${path}`, 'POST', body);
    const names = ['alpha', 'beta', 'gamma', 'delta'];
    const [alpha, beta, gamma, delta] = await logRuns(
      server,
      'to tidy up',
      names.map(name => ({ name, loss: 0.5, lr: '0.1' }))
    );
    await server.request('trackside/api/v1/trash/empty', 'POST', {});
    await lab.open();
    const panel = await lab.openPanel();
    await panel.getByRole('button', { name: 'Show deleted experiments, runs and models' }).click();
    const trash = page.locator('.jp-TracksideTrash');
    await expect(trash.getByText('The trash is empty.')).toBeVisible();
    await page.screenshot({ path: test.info().outputPath('empty.png') });

    // What is deleted elsewhere comes by itself.
    for (const run_id of [alpha, beta, gamma]) {
      await mlflow('runs/delete', { run_id });
    }
    const { experiment_id } = await mlflow('experiments/create', { name: `old ${Date.now()}` });
    await mlflow('experiments/delete', { experiment_id });
    await mlflow('runs/set-tag', { run_id: delta, key: 'trackside.keep', value: '1' });
    await mlflow('runs/delete', { run_id: delta });
    await expect(trash.getByRole('row')).toHaveCount(5);
    const row = (name: string) => trash.getByRole('row', { name: new RegExp(`^Run ${name},`) });
    await expect(row('alpha')).toContainText('to tidy up');
    await expect(row('delta')).toContainText('is kept by its tag');
    for (const theme of ['JupyterLab Dark', 'JupyterLab Light']) {
      await lab.execute('apputils:change-theme', { theme });
      await expect(page.locator('body')).toHaveAttribute('data-jp-theme-name', theme);
      const scan = new AxeBuilder({ page }).include('.jp-TracksideTrash');
      expect((await scan.analyze()).violations).toEqual([]);
      await page.screenshot({ path: test.info().outputPath(`full-${theme.slice(11)}.png`) });
    }

    // By keyboard: one back, one for ever.
    await row('alpha').focus();
    await page.keyboard.press('ArrowRight');
    await expect(trash.getByRole('button', { name: 'Take alpha back' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(row('alpha')).toHaveCount(0);
    await expect.poll(async () => (await server.request('trackside/api/v1/trash')).runs).toBe(3);
    await row('beta').focus();
    await page.keyboard.press('Delete');
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('Delete beta for ever?');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await row('beta').focus();
    await page.keyboard.press('Space');
    await expect(trash.getByRole('status')).toHaveText('1 selected');
    await trash.getByRole('button', { name: 'Delete for ever…' }).click();
    await dialog.getByRole('button', { name: 'Delete for Ever' }).click();
    await expect(row('beta')).toHaveCount(0);

    // All that is left goes back, but what is kept stays when the trash is emptied.
    await page.setViewportSize({ width: 620, height: 700 });
    await trash.getByRole('button', { name: 'Select all' }).click();
    await page.screenshot({ path: test.info().outputPath('narrow.png') });
    await trash.getByRole('button', { name: 'Take back' }).click();
    await expect(trash.getByText('The trash is empty.')).toBeVisible();
    await lab.reload();
    await expect(trash.getByText('The trash is empty.')).toBeVisible();
  });
});
