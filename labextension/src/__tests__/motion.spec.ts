import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect, test } from 'vitest';

const STYLE = resolve(__dirname, '../../style');
const STILL = /@media \(prefers-reduced-motion: reduce\) \{([^]*?)\n\}/g;
const MOVING = /([^{}]+)\{[^{}]*\b(?:transition|animation)(?:-name|-property)?:(?! none)[^{}]*\}/g;

test.each(readdirSync(STYLE).filter(name => name.endsWith('.css')))(
  'nothing in %s moves for those who want less of it',
  name => {
    const sheet = readFileSync(join(STYLE, name), 'utf8').replace(/\/\*[^]*?\*\//g, '');
    const still = [...sheet.matchAll(STILL)].map(([block]) => block).join();
    for (const [, selectors] of sheet.replace(STILL, '').matchAll(MOVING)) {
      for (const selector of selectors.split(',')) {
        expect(still).toContain(selector.trim());
      }
    }
  }
);
