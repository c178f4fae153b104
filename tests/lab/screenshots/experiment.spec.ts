import { expect, test } from './gallery';
import { EXPERIMENT, mlflow } from './ground/sweep';

test('the table of an experiment: rows, groups, a selection, its curves, a filter that is wrong', async ({
  lab,
  gallery,
  ground
}) => {
  const { page, server } = lab;
  expect(ground.runs).toHaveLength(40);
  const { experiment } = await server.request(
    `trackside/api/2.0/mlflow/experiments/get-by-name?experiment_name=${EXPERIMENT}`
  );
  await lab.open();
  await lab.execute('application:toggle-left-area');
  const open = (id: string) => lab.execute('trackside:open-experiment', { experiment_ids: [id] });
  await open(experiment.experiment_id);
  const view = page.locator('.jp-TracksideTable-view:visible');
  await expect(view.getByText('digits-39')).toBeVisible();
  await gallery.shoot('experiment', view);

  await view.getByRole('button', { name: 'Columns' }).click();
  await expect(page.locator('.jp-TracksideTableMenu')).toContainText('width');
  await gallery.shoot('experiment-columns', page.locator('.jp-LabShell'));
  await page.keyboard.press('Escape');

  const boxes = view.locator('.jp-TracksideTable-rows .jp-TracksideTable-cell.jp-mod-select');
  for (const line of [1, 2, 4, 5]) {
    await boxes.nth(line).click();
  }
  await view.getByRole('button', { name: 'Charts' }).click();
  await expect(view.locator('.uplot canvas').first()).toBeVisible();
  await gallery.shoot('experiment-selected', view);
  await view.getByRole('button', { name: 'Charts' }).click();
  await page.keyboard.press('Escape');

  await view.getByRole('button', { name: /^Group/ }).click();
  const chooser = page.locator('.jp-TracksideTableMenu');
  await chooser.getByText('Param optimizer').click();
  await expect(view.getByText('adam').first()).toBeVisible();
  await gallery.shoot('experiment-groups', view);

  const filter = view.getByRole('combobox', { name: /filter/i });
  await filter.fill('metrics.loss < and params.lr = "0.01"');
  await filter.press('Enter');
  await expect(view.getByRole('alert').first()).toBeVisible();
  await gallery.shoot('experiment-filter-wrong', view);

  await lab.execute('application:close-all');
  const empty = await mlflow(server, 'experiments/create', { name: 'empty' });
  await open(empty.experiment_id);
  await expect(view).toBeVisible();
  await gallery.shoot('experiment-empty', view);
});
