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
});
