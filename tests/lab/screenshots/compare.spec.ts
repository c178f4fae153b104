import { expect, test } from './gallery';

test('a comparison: what differs, curves, code, environment, plots', async ({
  lab,
  gallery,
  ground
}) => {
  await lab.open();
  await lab.execute('application:toggle-left-area');
  const run_ids = [39, 37, 36, 34, 32, 31].map(at => ground.runs[at]);
  await lab.execute('trackside:compare-runs', { run_ids });
  const view = lab.page.locator('.jp-TracksideCompare');
  await expect(view.locator('.jp-TracksideCompare-table').first()).toBeVisible();
  for (const name of await view.getByRole('tab').allTextContents()) {
    await view.getByRole('tab', { name, exact: true }).click();
    await expect(view.getByRole('tabpanel')).toBeVisible();
    if (name === 'Curves') {
      await expect(view.locator('.uplot canvas').first()).toBeVisible();
    }
    const scene = name === 'Code' ? 'code-none' : name.toLowerCase();
    await gallery.shoot(`compare-${scene}`, view);
  }

  await lab.execute('application:close-all');
  await lab.begin('trackside:compare-runs', { run_ids: run_ids.slice(0, 1) });
  const picker = lab.page.locator('.jp-Dialog-content');
  await expect(picker.getByRole('checkbox').nth(3)).toBeVisible();
  await gallery.shoot('compare-choose', picker);
  await lab.page.keyboard.press('Escape');

  await lab.execute('trackside:compare-runs', { run_ids: [...run_ids, 'f'.repeat(32)] });
  await expect(view.getByRole('alert')).toBeVisible();
  await gallery.shoot('compare-missing', view);
});
