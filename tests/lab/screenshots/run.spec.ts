import { expect, test } from './gallery';

test('the run document: each tab', async ({ lab, gallery, ground }) => {
  await lab.open();
  await lab.execute('trackside:open-run', { run_id: ground.furnished });
  const view = lab.page.locator('.jp-TracksideRun');
  await expect(view.getByRole('heading').first()).toBeVisible();
  const names = await view.getByRole('tab').allTextContents();
  for (const name of names) {
    await view.getByRole('tab', { name, exact: true }).click();
    await expect(view.getByRole('tabpanel')).toBeVisible();
    if (name === 'Charts') {
      await expect(view.locator('.uplot canvas').first()).toBeVisible();
    }
    if (name === 'Artifacts') {
      await view.getByText('confusion.csv').click();
      await expect(view.getByRole('table').first()).toBeVisible();
    }
    await gallery.shoot(`run-${name.toLowerCase()}`, view);
  }
});
