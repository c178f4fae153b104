import { expect, test } from './gallery';
import { mlflow } from './ground/sweep';

test('the trash, full and empty', async ({ lab, gallery, ground }) => {
  await lab.open();
  await lab.execute('application:toggle-left-area');
  await lab.execute('trackside:open-trash');
  const view = lab.page.locator('.jp-TracksideTrash:visible');
  await expect(view).toBeVisible();
  await gallery.shoot('trash-empty', view);
  for (const run_id of ground.runs.slice(0, 5)) {
    await mlflow(lab.server, 'runs/delete', { run_id });
  }
  await lab.execute('application:close-all');
  await lab.execute('trackside:open-trash');
  await expect(view).toContainText('digits-3');
  await gallery.shoot('trash', view);
});
