// Measures the graph of a large pipeline run: node graph.mjs URL TOKEN ROUNDS RUN TASKS
import { frames, input, open, report, timed } from './browser.mjs';
import { closeAll, command, GRAPH, load } from './lab_page.mjs';

const [, , base, token, rounds, runId, tasks] = process.argv;
const { browser, page } = await open();

const found = {};
const note = (name, ...samples) => (found[name] ??= []).push(...samples);
for (let round = 0; round < Number(rounds); round++) {
  await load(page, base, token);
  for (const name of ['graph', 'graphAgain']) {
    const opens = () => command(page, 'trackside:open-pipeline-run', { run_id: runId });
    note(name, await timed(page, opens, isDrawn, [GRAPH.node, Number(tasks)]));
    if (name === 'graph') {
      await closeAll(page);
    }
  }
  const frame = page.locator(GRAPH.frame);
  note('graphZoom', ...(await frames(page, () => zoom(frame, -1))));
  note('graphPan', ...(await frames(page, () => drag(frame))));
  note('graphZoom', ...(await frames(page, () => zoom(frame, 1))));
  note('graphFloor', await timed(page, copy, isDrawn, ['.bench-copy [data-node]', Number(tasks)]));
  await closeAll(page);
}
await browser.close();
report(found);

function isDrawn([selector, count]) {
  return document.querySelectorAll(selector).length === count;
}

/** The browser alone: the same boxes and lines once more, out of text. */
async function copy() {
  await page.evaluate(selector => {
    const canvas = document.querySelector(selector);
    window.benchCopy = [canvas.parentElement, canvas.outerHTML.replace(/ id="[^"]*"/g, '')];
  }, GRAPH.canvas);
  await input(page, () => {
    const [frame, text] = window.benchCopy;
    const box = document.createElement('div');
    box.className = `${frame.className} bench-copy`;
    box.innerHTML = text;
    frame.parentElement.replaceChildren(box);
  });
}

/** Turn the wheel over the middle, out or in, notch by notch. */
async function zoom(frame, way) {
  const { x, y, width, height } = await frame.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  for (let notch = 0; notch < 15; notch++) {
    await page.mouse.wheel(0, way * 100);
    await nextFrame();
  }
}

/** Drag the drawing to and fro. */
async function drag(frame) {
  const { x, y, width, height } = await frame.boundingBox();
  const [left, top] = [x + width * 0.2, y + height * 0.2];
  await page.mouse.move(left, top);
  await page.mouse.down();
  for (let step = 0; step < 60; step++) {
    const part = step < 30 ? step / 30 : 2 - step / 30;
    await page.mouse.move(left + part * width * 0.6, top + part * height * 0.6);
    await nextFrame();
  }
  await page.mouse.up();
}

function nextFrame() {
  return page.evaluate(() => new Promise(done => requestAnimationFrame(done)));
}
