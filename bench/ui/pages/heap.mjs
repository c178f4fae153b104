// Uses JupyterLab for some minutes and measures the heap now and then: node heap.mjs URL TOKEN MINUTES
import { heap, open, report, wheel } from './browser.mjs';
import { closeAll, command, known, load } from './lab_page.mjs';

const [, , base, token, minutes] = process.argv;
const EVERY = 60_000;
const { browser, page } = await open();
await load(page, base, token);
const samples = [await heap(page)];
const end = Date.now() + Number(minutes) * 60_000;
if (Date.now() < end) {
  const { longRun } = await known(base, token);
  await command(page, 'trackside:show-panel');
  for (let due = Date.now() + EVERY; Date.now() < end;) {
    await inPanel();
    await inRun(longRun);
    if (Date.now() > due) {
      samples.push(await heap(page));
      due += EVERY;
    }
  }
  samples.push(await heap(page));
}
await browser.close();
report({ heap: samples });

async function inPanel() {
  const list = page.locator('#trackside-panel .jp-TracksideRuns');
  const box = page.locator('#trackside-panel input[type=search]');
  await list.waitFor();
  await wheel(page, list, 6000);
  await box.fill(`metrics.loss < ${Math.random().toFixed(3)}`);
  await page.locator('#trackside-panel .jp-TracksideRuns-found[aria-busy=false]').waitFor();
  await box.fill('');
}

async function inRun(longRun) {
  await command(page, 'trackside:open-run', { run_id: longRun, tab: 'charts' });
  await page.locator('.jp-TracksideRun .uplot canvas').first().waitFor();
  await wheel(page, page.locator('.jp-TracksideRun'), 6000);
  await closeAll(page);
}
