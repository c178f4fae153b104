import { expect, test } from '../fixtures';
import { logRuns } from '../runs';

test.describe('The panel', () => {
  test('filters runs in MLflow’s grammar and says in place what is wrong with a filter', async ({
    lab
  }) => {
    await logRuns(lab.server, 'filtering', [
      { name: 'good', loss: 0.1, lr: '0.01' },
      { name: 'middling', loss: 0.3, lr: '0.1' },
      { name: 'bad', loss: 0.9, lr: '1.0' }
    ]);
    await lab.open();
    const panel = await lab.openPanel();
    await panel.getByRole('combobox', { name: 'Experiment' }).selectOption('filtering');
    const runs = panel.getByRole('grid', { name: 'Runs' });
    await expect(runs.getByRole('row', { name: /^(good|middling|bad),/ })).toHaveCount(3);

    const filter = panel.getByRole('searchbox', { name: 'Filter runs' });
    await filter.fill('metrics.loss < 0.5');
    await expect(runs.getByRole('row', { name: /^(good|middling|bad),/ })).toHaveCount(2);
    await filter.fill('metrics.loss <');
    await expect(panel.getByRole('alert')).toBeVisible();
    await filter.press('Escape');
    await expect(panel.getByRole('alert')).toHaveCount(0);
    await expect(runs.getByRole('row', { name: /^(good|middling|bad),/ })).toHaveCount(3);

    await runs.getByRole('button', { name: 'loss' }).click();
    await expect(runs.getByRole('columnheader', { name: 'loss' })).toHaveAttribute(
      'aria-sort',
      'descending'
    );
    await expect(runs.getByRole('row', { name: /,/ }).first()).toHaveAccessibleName(/^bad,/);
  });

  test('opens a run by keyboard alone', async ({ lab }) => {
    await logRuns(lab.server, 'keyboard', [{ name: 'by-keyboard', loss: 0.5, lr: '0.1' }]);
    await lab.open();
    const panel = await lab.openPanel();
    await panel.getByRole('combobox', { name: 'Experiment' }).selectOption('keyboard');
    const row = panel.getByRole('row', { name: /^by-keyboard,/ });
    await row.focus();
    await lab.page.keyboard.press('Enter');
    await expect(
      lab.page.locator('.jp-TracksideRun').getByRole('heading', { name: 'by-keyboard' })
    ).toBeVisible();
  });

  test('shows a run that an MLflow client logs at once, without being asked', async ({ lab }) => {
    await lab.open();
    const panel = await lab.openPanel();
    await expect(panel.getByRole('combobox', { name: 'Experiment' })).toBeVisible();
    await logRuns(lab.server, 'arriving', [{ name: 'newcomer', loss: 0.2, lr: '0.3' }]);
    // Unless it is told, the page asks 45 seconds after it was opened.
    await expect(panel.getByRole('row', { name: /^newcomer,/ })).toBeVisible();
  });

  test('is not needed to follow the link that MLflow’s client prints to a run', async ({ lab }) => {
    const [run] = await logRuns(lab.server, 'linked', [{ name: 'by-link', loss: 0.2, lr: '0.3' }]);
    await lab.open(`trackside/#/experiments/1/runs/${run}`);
    await expect(
      lab.page.locator('.jp-TracksideRun').getByRole('heading', { name: 'by-link' })
    ).toBeVisible();
  });

  test('is where it was after a reload', async ({ lab }) => {
    await lab.open('lab/workspaces/kept');
    await lab.openPanel();
    // The workspace is saved after a pause; the reload must find it there.
    const left = async (): Promise<unknown> => {
      const { workspaces } = await lab.server.request('lab/api/workspaces');
      return workspaces.values.find(
        ({ metadata }: { metadata: { id: string } }) => metadata.id === 'kept'
      )?.data['layout-restorer:data']?.left;
    };
    await expect.poll(left).toMatchObject({ collapsed: false, current: 'trackside-panel' });
    await lab.reload();
    await expect(lab.page.locator('#trackside-panel')).toBeVisible();
  });
});
