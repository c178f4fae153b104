import { renameSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '../fixtures';

test('a notebook is scheduled from the file browser, runs by itself and by hand, is changed also where its file was renamed, and deleted with a way back', async ({
  lab
}) => {
  const { page, server } = lab;
  // Far from now: it is not due while the test runs.
  const hour = String((new Date().getHours() + 12) % 24).padStart(2, '0');
  const daily = `30 ${Number(hour)} * * *`;
  server.notebook('nightly.ipynb', ['print("step=1 loss=0.25")']);
  await lab.open();
  const panel = await lab.openPanel();
  const section = panel.locator('.jp-TracksidePipelines');
  await lab.execute('trackside:show-recurring');
  await expect(section.getByText('Nothing recurs yet. Choose “Schedule…”')).toBeVisible();

  await lab.execute('filebrowser:activate');
  await page.locator('.jp-DirListing-item', { hasText: 'nightly' }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Schedule…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('Schedule nightly.ipynb')).toBeVisible();
  await expect(dialog.getByText(/^Next: .+ · .+ · .+/)).toBeVisible();
  await dialog.getByRole('combobox', { name: 'When' }).selectOption('now');
  await expect(dialog.getByRole('button', { name: 'Train', exact: true })).toBeVisible();
  await dialog.getByRole('combobox', { name: 'When' }).selectOption('cron');
  const cron = dialog.getByRole('textbox', { name: 'Cron expression' });
  await cron.fill('6 * *');
  await expect(dialog.getByText('Five fields: ')).toBeVisible();
  await cron.fill(daily);
  await expect(dialog.getByText(/^Next: .+ · .+ · .+/)).toBeVisible();
  await dialog.getByLabel('CPUs').fill('1');
  await lab.scan('.jp-Dialog');
  await dialog.getByRole('button', { name: 'Schedule', exact: true }).click();

  // It is shown where what recurs is, and where its jobs are.
  const row = (name: RegExp) => section.getByRole('row', { name });
  await expect(
    row(new RegExp(`^nightly, notebook, on, every day at ${hour}:30, next in`))
  ).toBeVisible();
  await expect(section.getByText('They start while this Jupyter server runs.')).toBeVisible();
  await expect(panel.getByRole('button', { name: /^1 recurs, next in/ })).toBeVisible();
  await section.getByText('nightly', { exact: true }).dblclick();
  await expect(page.getByText('nightly has not run yet.')).toBeVisible();

  await row(/^nightly/).hover();
  await section.getByRole('button', { name: 'Run nightly now' }).click();
  await expect(page.getByRole('heading', { name: 'nightly' })).toBeVisible();
  await expect(row(/^nightly, .*, last Succeeded/)).toBeVisible({ timeout: 60_000 });
  await lab.execute('application:close-all');
  await section.getByRole('button', { name: 'Open the last run of nightly: Succeeded' }).click();
  await expect(page.getByRole('heading', { name: 'nightly' })).toBeVisible();
  await row(/^nightly/).focus();
  await page.keyboard.press('Enter');
  const runs = page.locator('.jp-TracksideExperiment');
  await expect(runs.getByRole('row', { name: /nightly/ })).toHaveCount(1);
  await expect(runs.getByText('Only runs that “nightly” started.')).toBeVisible();
  await runs.getByRole('button', { name: 'Show all' }).press('Enter');
  await expect(runs.getByRole('combobox', { name: 'Filter runs' })).toBeFocused();

  await section.getByRole('switch', { name: 'nightly starts runs' }).click();
  await expect(row(/^nightly, notebook, off/)).toBeVisible();
  await expect(panel.getByRole('button', { name: '1 recurs, turned off' })).toBeVisible();
  await lab.scan('#trackside-panel');

  // What would keep the next run from being started is said before it is due, and mended by naming another file.
  renameSync(join(server.notebooks, 'nightly.ipynb'), join(server.notebooks, 'daily.ipynb'));
  await section.getByRole('button', { name: 'Recurring', exact: true }).click();
  await expect(row(/^nightly, .*There is no file nightly\.ipynb/)).toBeVisible();
  await expect(section.getByText(/^There is no file nightly\.ipynb: /)).toBeVisible();
  await lab.scan('#trackside-panel');

  await row(/^nightly/).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Edit…' }).click();
  await expect(dialog.getByText('Edit nightly')).toBeVisible();
  await expect(dialog.getByText(/^There is no file nightly\.ipynb: /)).toBeVisible();
  await dialog.getByRole('combobox', { name: 'Notebook or script' }).fill('daily.ipynb');
  await expect(dialog.getByText(/^There is no file/)).toHaveCount(0);
  await expect(cron).toHaveValue(daily);
  await expect(dialog.getByLabel('CPUs')).toHaveValue('1');
  await dialog.getByRole('combobox', { name: 'When' }).selectOption('interval');
  await dialog.getByRole('textbox', { name: 'Every' }).fill('2');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(row(/^nightly, notebook, off, every 2 h, last Succeeded$/)).toBeVisible();
  const { recurring } = await server.request('trackside/api/v1/recurring');
  expect(recurring).toHaveLength(1);
  expect(recurring[0]).toMatchObject({
    kind: 'job',
    job: { path: 'daily.ipynb', resources: { cpus: 1 } },
    trackside: { last: { outcome: 'STARTED', by_hand: true } }
  });

  await row(/^nightly/).focus();
  await page.keyboard.press('Delete');
  await expect(section.getByText('Nothing recurs yet.')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row(/^nightly, notebook, off, every 2 h, last Succeeded/)).toBeVisible();
});
