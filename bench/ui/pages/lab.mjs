// Measures JupyterLab with Trackside: node lab.mjs URL TOKEN ROUNDS
import { frames, open, report, timed, wheel } from './browser.mjs';
import { closeAll, command, known, load } from './lab_page.mjs';

const [, , base, token, rounds] = process.argv;
const { browser, page } = await open();

const { longRun } = await known(base, token);

const found = { panel: [], panelFilter: [], panelScroll: [], run: [], runAgain: [] };
for (let round = 0; round < Number(rounds); round++) {
  await load(page, base, token);
  const tab = page.locator('.jp-SideBar [data-id="trackside-panel"]');
  const panel = '#trackside-panel .jp-TracksideRuns [role=row][data-index]';
  found.panel.push(await timed(page, () => tab.click(), rows, panel));
  const box = page.locator('#trackside-panel input[type=search]');
  await box.fill('metrics.loss < 0.00');
  found.panelFilter.push(await timed(page, () => box.press('1'), changed, panel));
  await box.fill('');
  await page.waitForFunction(rows, panel);
  found.panelScroll.push(
    ...(await frames(page, () => wheel(page, page.locator('.jp-TracksideRuns'), 8000)))
  );
  const charts = '.jp-TracksideRun .uplot canvas';
  const args = { run_id: longRun, tab: 'charts' };
  found.run.push(await timed(page, () => command(page, 'trackside:open-run', args), rows, charts));
  await closeAll(page);
  found.runAgain.push(
    await timed(page, () => command(page, 'trackside:open-run', args), rows, charts)
  );
  await closeAll(page);
}
await browser.close();
report(found);

function rows(selector) {
  return document.querySelector(selector) !== null;
}

function changed(selector) {
  const name = document.querySelector(selector)?.getAttribute('aria-label') ?? '';
  window.benchFirst ??= name;
  const isNew = name !== '' && name !== window.benchFirst;
  if (isNew) {
    delete window.benchFirst;
  }
  return isNew;
}
