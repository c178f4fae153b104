// Measures MLflow's own page: node mlflow.mjs URL ROUNDS
import { frames, input, open, report, timed, wheel } from './browser.mjs';

const [, , base, rounds] = process.argv;
const { browser, page } = await open();

const ask = async (path, body) => {
  const answer = await fetch(`${base}/api/2.0/mlflow/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body)
  });
  return answer.json();
};
const { experiments } = await ask('experiments/search', { max_results: 10 });
const idOf = name => experiments.find(item => item.name === name).experiment_id;
const [many, long] = [idOf('sweep'), idOf('long')];
const runsOf = async (experiment, count) => {
  const { runs } = await ask('runs/search', { experiment_ids: [experiment], max_results: count });
  return runs.map(run => run.info.run_id);
};
const compared = await runsOf(many, 20);
const [longRun] = await runsOf(long, 1);

const go = hash => input(page, to => (location.hash = to), hash);
const isHome = () => document.querySelector('a[href*="/experiments/"]') !== null;
const home = () => timed(page, () => go('#/experiments'), isHome);
const rows = () => document.querySelectorAll('.ag-center-cols-container [role=row]').length > 0;

await page.goto(`${base}/#/experiments`);
await page.waitForFunction(isHome);
const found = { rows: [], scroll: [], run: [], compare: [] };
for (let round = 0; round < Number(rounds); round++) {
  found.rows.push(await timed(page, () => go(`#/experiments/${many}/runs`), rows));
  await home();
  found.run.push(
    await timed(
      page,
      () => go(`#/experiments/${long}/runs/${longRun}/model-metrics`),
      () => document.querySelector('.js-plotly-plot .scatterlayer path.js-line') !== null
    )
  );
  await home();
  const runs = encodeURIComponent(JSON.stringify(compared));
  const of = encodeURIComponent(JSON.stringify([many]));
  found.compare.push(
    await timed(
      page,
      () => go(`#/compare-runs?runs=${runs}&experiments=${of}`),
      () =>
        document.querySelector('.js-plotly-plot .parcoords') !== null &&
        document.querySelectorAll('td').length > 100
    )
  );
  await home();
}

await timed(page, () => go(`#/experiments/${many}/runs`), rows);
const body = page.locator('.ag-body-viewport');
const more = page.getByRole('button', { name: 'Load more' });
found.scroll = await frames(page, async () => {
  for (let turn = 0; turn < 10; turn++) {
    await wheel(page, body, 3000);
    if (await more.isVisible()) {
      await more.click();
    }
  }
});
await browser.close();
report(found);
