import { expect, test } from './gallery';
import { mlflow } from './ground/sweep';

// A log and code are kept of what runs as a job: their pictures are taken of one, with the cards.
const TABS = ['Overview', 'Charts', 'System', 'Artifacts', 'Environment'];

test('the run document: each tab of a run that was no job', async ({ lab, gallery, ground }) => {
  await lab.open();
  await lab.execute('trackside:open-run', { run_id: ground.furnished });
  const view = lab.page.locator('.jp-TracksideRun');
  await expect(view.getByRole('heading').first()).toBeVisible();
  for (const name of TABS) {
    await view.getByRole('tab', { name, exact: true }).click();
    await expect(view.getByRole('tabpanel')).toBeVisible();
    if (name === 'Charts') {
      await expect(view.locator('.uplot canvas').first()).toBeVisible();
    }
    if (name === 'Artifacts') {
      await view.getByRole('tree').getByText('confusion.csv').click();
      await expect(view.getByRole('table').first()).toBeVisible();
    }
    await gallery.shoot(`run-${name.toLowerCase()}`, view);
  }

  const { run } = await mlflow(lab.server, 'runs/create', { experiment_id: '0', run_name: 'bare' });
  await lab.execute('application:close-all');
  await lab.execute('trackside:open-run', { run_id: run.info.run_id });
  await expect(view.getByRole('heading', { name: 'bare' })).toBeVisible();
  await gallery.shoot('run-empty', view);

  await lab.execute('application:close-all');
  await lab.execute('trackside:open-run', { run_id: 'f'.repeat(32) });
  await expect(view.getByRole('alert')).toBeVisible();
  await gallery.shoot('run-missing', view);
});
