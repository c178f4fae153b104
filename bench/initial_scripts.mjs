// Prints, as JSON, the gzipped size in bytes of each script of the labextension that JupyterLab loads at its start.
import { gzipSync } from 'node:zlib';
import { chromium } from '@playwright/test';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
});
const page = await browser.newPage();
const bodies = new Map();
page.on('response', response => {
  const url = new URL(response.url());
  if (url.pathname.includes('/extensions/trackside/') && url.pathname.endsWith('.js')) {
    bodies.set(url.pathname.split('/').pop(), response.body());
  }
});
await page.goto(process.argv[2], { waitUntil: 'networkidle' });
await page.locator('#jp-main-dock-panel').waitFor();
const sizes = {};
for (const [name, body] of bodies) {
  sizes[name] = gzipSync(await body).length;
}
await browser.close();
process.stdout.write(JSON.stringify(sizes));
