import { expect, test } from './gallery';
import { EXPERIMENT } from './ground/sweep';

test('the panel: runs of an experiment, a filter that is wrong, columns and order', async ({
  lab,
  gallery,
  ground
}) => {
  expect(ground.runs).toHaveLength(40);
  await lab.open();
  const panel = await lab.openPanel();
  await gallery.panelWidth(380);
  await panel.getByRole('combobox', { name: 'Experiment' }).selectOption(EXPERIMENT);
  await expect(panel.getByRole('row', { name: /^digits-40,/ })).toBeVisible();
  await gallery.shoot('panel-runs', panel);

  await panel.getByRole('button', { name: 'Columns and order' }).click();
  await gallery.shoot('panel-columns', panel);
  await panel.getByRole('button', { name: 'Columns and order' }).click();

  const filter = panel.getByRole('searchbox', { name: 'Filter runs' });
  await filter.fill('metrics.loss < and params.lr = "0.01"');
  await expect(panel.getByRole('alert')).toBeVisible();
  await gallery.shoot('panel-filter-wrong', panel);
  await filter.fill('metrics.loss < 0');
  await expect(panel).toContainText('No run matches');
  await gallery.shoot('panel-filter-nothing', panel);
});
