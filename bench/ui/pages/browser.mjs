// What both pages are measured with: from an input until its result is painted, frames, the heap.
import { chromium } from '@playwright/test';

const VIEWPORT = { width: 1440, height: 900 };
const LONGEST = 60_000;

/** A browser with one page. */
export async function open() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
  });
  const page = await browser.newPage({ viewport: VIEWPORT });
  page.setDefaultTimeout(LONGEST);
  return { browser, page };
}

/**
 * The milliseconds from the last input of `act` until `seen`, a function in the page, holds and a
 * frame was made of it.
 */
export async function timed(page, act, seen, argument = null) {
  const watching = page.evaluate(`(${watch})(${seen}, ${JSON.stringify(argument)}, ${LONGEST})`);
  // An answer to a later question: the watch stands.
  await page.evaluate('0');
  await act();
  return watching;
}

function watch(seen, argument, longest) {
  return new Promise((done, fail) => {
    const opened = performance.now();
    let begun = null;
    const note = event => {
      begun = event.timeStamp;
    };
    const kinds = ['pointerdown', 'keydown', 'input', 'trackside-bench'];
    kinds.forEach(kind => addEventListener(kind, note, true));
    const end = () => kinds.forEach(kind => removeEventListener(kind, note, true));
    const look = () => {
      if (begun !== null && seen(argument)) {
        end();
        requestAnimationFrame(() => done(performance.now() - begun));
      } else if (performance.now() - opened > longest) {
        end();
        fail(new Error(`Not seen: ${seen}`));
      } else {
        requestAnimationFrame(look);
      }
    };
    requestAnimationFrame(look);
  });
}

/** Does something in the page that counts as an input. */
export async function input(page, act, argument = null) {
  await page.evaluate(
    `dispatchEvent(new Event('trackside-bench')); void (${act})(${JSON.stringify(argument)})`
  );
}

/** The milliseconds between frames while something is done. */
export async function frames(page, act) {
  await page.evaluate(() => {
    window.benchFrames = [];
    let last = performance.now();
    const note = now => {
      window.benchFrames?.push(now - last);
      last = now;
      if (window.benchFrames) {
        requestAnimationFrame(note);
      }
    };
    requestAnimationFrame(note);
  });
  await act();
  return page.evaluate(() => {
    const found = window.benchFrames.slice(1);
    window.benchFrames = null;
    return found;
  });
}

/** Turn the wheel over an element, as fast as a hand does. */
export async function wheel(page, element, distance) {
  const box = await element.boundingBox();
  const session = await page.context().newCDPSession(page);
  await session.send('Input.synthesizeScrollGesture', {
    x: box.x + box.width / 2,
    y: box.y + box.height / 2,
    yDistance: -distance,
    speed: 4000,
    gestureSourceType: 'mouse'
  });
  await session.detach();
}

/** The megabytes of JavaScript that are in use. */
export async function heap(page) {
  const session = await page.context().newCDPSession(page);
  for (let round = 0; round < 3; round++) {
    await session.send('HeapProfiler.collectGarbage');
  }
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 1e6;
}

/** What was measured, by name, on standard output. */
export function report(samples) {
  process.stdout.write(JSON.stringify(samples));
}
