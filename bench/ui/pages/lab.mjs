// Measures JupyterLab with Trackside: node lab.mjs URL TOKEN ROUNDS
import { frames, input, open, report, timed, wheel } from './browser.mjs';
import { CHARTS, closeAll, command, known, load, PANEL, TABLE } from './lab_page.mjs';

const [, , base, token, rounds] = process.argv;
const { many, compared, longRun } = await known(base, token);
const { browser, page } = await open();

const found = {};
const note = (name, ...samples) => (found[name] ??= []).push(...samples);
for (let round = 0; round < Number(rounds); round++) {
  await load(page, base, token);
  await measurePanel();
  await measureTable();
  await measureRun();
  await measureComparison();
}
await browser.close();
report(found);

async function measurePanel() {
  const tab = page.locator('.jp-SideBar [data-id="trackside-panel"]');
  note('panel', await timed(page, () => tab.click(), isThere, PANEL.row));
  note('panelFilter', await filtered(PANEL.filter, PANEL.row));
  await page.locator(PANEL.filter).fill('');
  await page.waitForFunction(isThere, PANEL.row);
  note('panelScroll', ...(await frames(page, () => wheel(page, page.locator(PANEL.list), 8000))));
}

async function measureTable() {
  const args = { experiment_ids: [many] };
  const opens = () => command(page, 'trackside:open-experiment', args);
  note('table', await timed(page, opens, isFilled, TABLE));
  const list = page.locator(TABLE.list);
  note('tableScroll', ...(await frames(page, () => wheel(page, list, 40_000))));
  for (const share of [0.5, 0.9, 0.2]) {
    const jump = () =>
      input(
        page,
        ([selector, part]) => {
          const scroller = document.querySelector(selector);
          scroller.scrollTop = part * scroller.scrollHeight;
        },
        [TABLE.list, share]
      );
    note('tableJump', await timed(page, jump, isFilled, TABLE));
    note('tableScroll', ...(await frames(page, () => wheel(page, list, 10_000))));
  }
  await input(page, selector => (document.querySelector(selector).scrollTop = 0), TABLE.list);
  await page.waitForFunction(isFilled, TABLE);
  note('tableFilter', await filtered(TABLE.filter, TABLE.name));
  await closeAll(page);
}

async function measureRun() {
  for (const name of ['run', 'runAgain']) {
    const args = { run_id: longRun, tab: 'charts' };
    const opens = () => command(page, 'trackside:open-run', args);
    note(name, await timed(page, opens, isThere, CHARTS));
    await closeAll(page);
  }
}

async function measureComparison() {
  const opens = () => command(page, 'trackside:compare-runs', { run_ids: compared });
  note('compare', await timed(page, opens, isThere, '.jp-TracksideCompare-table td'));
  await closeAll(page);
}

function isThere(selector) {
  return document.querySelector(selector) !== null;
}

/** Whether each row of the table that is in view is there. */
function isFilled({ list, row, coming }) {
  const box = document.querySelector(list)?.getBoundingClientRect();
  const rows = [...document.querySelectorAll(row)].filter(item => {
    const { top, bottom } = item.getBoundingClientRect();
    return top < box.bottom && bottom > box.top;
  });
  return rows.length > 0 && rows.every(item => !item.querySelector(coming));
}

/** How long it takes from what was typed until the first row is another one. */
async function filtered(filter, selector) {
  const before = await page.locator(selector).first().textContent();
  const types = () => page.locator(filter).fill('metrics.loss < 0.001');
  return timed(page, types, isNew, { selector, before });
}

function isNew({ selector, before }) {
  const name = document.querySelector(selector)?.textContent ?? '';
  return name !== '' && name !== before;
}
