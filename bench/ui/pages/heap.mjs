// Uses JupyterLab for some minutes and measures the heap each minute: node heap.mjs URL TOKEN MINUTES
import { heap, open, report, wheel } from './browser.mjs';
import { CHARTS, closeAll, command, known, load, PANEL, TABLE } from './lab_page.mjs';

const [, , base, token, minutes] = process.argv;
const EVERY = 60_000;
const { browser, page } = await open();
await load(page, base, token);
const samples = [await heap(page)];
const end = Date.now() + Number(minutes) * 60_000;
if (Date.now() < end) {
  const { many, compared, longRun } = await known(base, token);
  await command(page, 'trackside:show-panel');
  await page.locator(PANEL.list).waitFor();
  for (let due = Date.now() + EVERY; Date.now() < end;) {
    await use({ many, compared, longRun });
    if (Date.now() > due) {
      samples.push(await heap(page));
      due += EVERY;
    }
  }
  samples.push(await heap(page));
}
await browser.close();
report({ heap: samples });

async function use({ many, compared, longRun }) {
  await wheel(page, page.locator(PANEL.list), 4000);
  await filter(PANEL.filter, PANEL.row);

  await command(page, 'trackside:open-experiment', { experiment_ids: [many] });
  await page.locator(TABLE.name).first().waitFor();
  await wheel(page, page.locator(TABLE.list), 12_000);
  await filter(TABLE.filter, TABLE.name);

  await command(page, 'trackside:open-run', { run_id: longRun, tab: 'charts' });
  await page.locator(CHARTS).first().waitFor();
  await wheel(page, page.locator('.jp-TracksideRun'), 4000);

  await command(page, 'trackside:compare-runs', { run_ids: compared });
  await page.locator('.jp-TracksideCompare-table td').first().waitFor();
  await closeAll(page);
}

/** Asks for other runs, and for all again. */
async function filter(box, rows) {
  await page.locator(box).fill(`metrics.loss < ${(0.1 + Math.random() / 2).toFixed(3)}`);
  await page.locator(box).press('Enter');
  await page.locator(rows).first().waitFor();
  await page.locator(box).fill('');
  await page.locator(box).press('Enter');
  await page.locator(rows).first().waitFor();
}
