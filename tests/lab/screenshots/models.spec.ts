import { logModels } from '../models';
import { expect, test } from './gallery';
import { MODEL, mlflow, register } from './ground/sweep';

const LOSSES = [0.42, 0.31, 0.24, 0.2];

test('a registered model: its board of stages, history and versions, and the panel of models', async ({
  lab,
  gallery
}) => {
  const { page, server } = lab;
  const runs = await logModels(server, 'digits-models', LOSSES);
  await register(server, MODEL, runs);
  for (const [alias, version] of [
    ['baseline', '1'],
    ['production', '2'],
    ['staging', '3']
  ]) {
    await mlflow(server, 'registered-models/alias', { name: MODEL, alias, version });
  }
  await lab.open();
  const panel = await lab.openPanel();
  await gallery.panelWidth(380);
  await expect(panel.getByRole('row', { name: new RegExp(`^${MODEL},`) })).toBeVisible();
  await gallery.shoot('panel-models', panel);
  await lab.execute('application:toggle-left-area');
  await lab.execute('trackside:open-model', { name: MODEL });
  const view = page.locator('.jp-TracksideModel');
  await expect(view.getByRole('heading', { name: MODEL })).toBeVisible();
  await expect(view.getByRole('group', { name: /^Production, / }).getByText('v2')).toBeVisible();
  await gallery.shoot('model', view);

  await view.getByRole('group', { name: /^Version 3, / }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(view.getByRole('textbox', { name: 'Reason' })).toBeFocused();
  await gallery.shoot('model-reason', view);

  await mlflow(server, 'registered-models/create', { name: 'digits-next' });
  await lab.execute('application:close-all');
  await lab.execute('trackside:open-model', { name: 'digits-next' });
  await expect(view.getByRole('heading', { name: 'digits-next' })).toBeVisible();
  await gallery.shoot('model-empty', view);

  await lab.execute('application:close-all');
  await lab.execute('trackside:open-model', { name: 'digits-gone' });
  await expect(view.getByRole('alert')).toBeVisible();
  await gallery.shoot('model-missing', view);
});
