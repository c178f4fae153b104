import type { Locator, Page } from '@playwright/test';

import { expect, test } from '../fixtures';
import { LOAD } from '../notebooks';

/** Most stops on the way to anything that a view shows. */
const STOPS = 150;

/** Go to something as far as the Tab key leads. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await expect(wanted).toBeVisible();
  const stops: string[] = [];
  for (let stop = 0; stop < STOPS; stop += 1) {
    if (await wanted.evaluate(element => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press('Tab');
    stops.push(
      await page.evaluate(() => {
        const at = document.activeElement;
        return `${at?.tagName}.${at?.className} ${at?.getAttribute('aria-label') ?? at?.textContent?.slice(0, 30)}`;
      })
    );
  }
  throw new Error(`The Tab key does not lead to ${wanted}, but to:\n${stops.join('\n')}`);
}

const training = (
  name: string,
  lr: number
): string => `%%train --name ${name} --param lr=${lr} --wait
for step in range(5):
    print(f"step={step} loss={1 / (step + 1) - lr:.4f}")`;

test('from cells to the table of their runs, a comparison and a note, no pointer is needed', async ({
  lab
}) => {
  const { page } = lab;
  const { keyboard } = page;
  lab.server.notebook('keys.ipynb', [LOAD, training('slow', 0.01), training('fast', 0.1)]);
  await lab.open();
  await lab.openNotebook('keys.ipynb');
  await lab.execute('notebook:enter-command-mode');
  for (const index of [0, 1, 2]) {
    await keyboard.press('Shift+Enter');
    await expect(lab.cell(index).locator('.jp-InputPrompt')).toHaveText(`[${index + 1}]:`, {
      timeout: 60_000
    });
  }

  await keyboard.press('Control+Shift+C');
  await keyboard.type('Open Experiments');
  await expect(page.locator('.lm-CommandPalette-item.lm-mod-active')).toContainText(
    'Open Experiments'
  );
  await keyboard.press('Enter');
  const table = page.locator('.jp-TracksideExperiment');
  const status = table.getByRole('group', { name: 'Selection' }).getByRole('status');
  await expect(status).toHaveText('2 runs');
  await tabTo(page, table.getByRole('grid').locator('[tabindex="0"]'));
  await keyboard.press('Space');
  await keyboard.press('Shift+ArrowDown');
  await expect(status).toHaveText('2 selected');
  await tabTo(page, table.getByRole('button', { name: 'Compare' }));
  await keyboard.press('Enter');

  const comparison = page.locator('.jp-TracksideDoc .jp-TracksideCompare');
  await expect(comparison.getByRole('heading', { level: 1 })).toContainText('lr 0.01 → 0.1');
  await tabTo(page, comparison.getByRole('tab', { name: 'Differences' }));
  await keyboard.press('ArrowRight');
  await expect(comparison.locator('.uplot canvas').first()).toBeVisible();
  await keyboard.press('Shift+Tab');
  await tabTo(page, comparison.getByRole('tab', { name: 'Curves' }));
  await tabTo(page, comparison.getByRole('button', { name: 'fast', exact: true }).first());
  await keyboard.press('Enter');

  const run = page.locator('.jp-TracksideRun');
  await expect(run.getByRole('heading', { level: 1 })).toHaveText('fast');
  await tabTo(page, run.getByRole('button', { name: 'Write' }));
  await keyboard.press('Enter');
  await expect(run.getByRole('textbox')).toBeFocused();
  await keyboard.type('Ten times the **rate**.');
  await tabTo(page, run.getByRole('button', { name: 'Save' }));
  await keyboard.press('Enter');
  await expect(run.locator('strong')).toHaveText('rate');
});
