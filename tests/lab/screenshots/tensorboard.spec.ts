import { startEventRun } from '../events';
import { expect, test } from './gallery';

test('TensorBoard: before there is anything, with curves, and when the server is gone', async ({
  lab,
  gallery
}) => {
  const { page } = lab;
  const run = await startEventRun(lab.server, 'with-events');
  await lab.open();
  await lab.execute('application:toggle-left-area');
  await lab.execute('trackside:open-tensorboard', { run: run.id });
  const view = page.locator('.jp-MainAreaWidget:has(.jp-TracksideTensorboard)');
  await expect(view.getByText('There are no event files yet.')).toBeVisible();
  await gallery.shoot('tensorboard-empty', view);
  await run.logEvents();
  const board = page.frameLocator('.jp-TracksideTensorboard iframe');
  await expect(board.getByText('epoch_loss').first()).toBeVisible({ timeout: 60_000 });
  await gallery.shoot('tensorboard', view);

  await lab.execute('application:close-all');
  await page.route('**/trackside/api/**', route => route.abort());
  await lab.execute('trackside:open-tensorboard', { run: run.id });
  await expect(view.getByRole('alert')).toBeVisible({ timeout: 30_000 });
  await gallery.shoot('tensorboard-away', view);
});
