// Prints, as JSON, the milliseconds from the answer to a new run (it is committed then) to its row in the panel.
import { chromium } from '@playwright/test';

const [, , base, token, rounds] = process.argv;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
});
const page = await browser.newPage();
await page.goto(`${base}/lab?token=${token}`);
await page.locator('.jp-SideBar [data-id="trackside-panel"]').click();
await page.locator('#trackside-panel select').waitFor();

const post = async (path, body) => {
  const answer = await fetch(`${base}/trackside/api/2.0/mlflow/${path}`, {
    method: 'POST',
    headers: { Authorization: `token ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body)
  });
  return answer.json();
};
const samples = [];
for (let round = 0; round < Number(rounds); round++) {
  const name = `latency-${round}`;
  const seen = page.evaluate(
    wanted =>
      new Promise(done => {
        const panel = document.querySelector('#trackside-panel');
        const look = () => {
          if (panel.querySelector(`[role=row][aria-label^="${wanted},"]`)) {
            observer.disconnect();
            done(Date.now());
          }
        };
        const observer = new MutationObserver(look);
        observer.observe(panel, { childList: true, subtree: true, attributes: true });
        look();
      }),
    name
  );
  await post('runs/create', { experiment_id: '0', run_name: name, start_time: Date.now() });
  const answered = Date.now();
  samples.push(Math.max(0, (await seen) - answered));
}
await browser.close();
process.stdout.write(JSON.stringify(samples));
