import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect, type Lab, test as base } from '../fixtures';
import type { Locator } from '@playwright/test';

import { furnish } from './ground/artifacts';
import { logSweep } from './ground/sweep';

const OUT = resolve(__dirname, '../../../docs/_static/screenshots/gallery');

const THEMES = [
  ['light', 'JupyterLab Light'],
  ['dark', 'JupyterLab Dark']
] as const;

/** The pictures that are taken: another scene of the same name would put its own in their place. */
const taken = new Set<string>();

/** Takes each picture of the component gallery in both themes. */
export class Gallery {
  constructor(private readonly lab: Lab) {
    mkdirSync(OUT, { recursive: true });
  }

  /** Take a picture of what is there, in both themes, and go back to the light one. */
  async shoot(name: string, target: Locator): Promise<void> {
    expect(taken, 'each picture is of one scene').not.toContain(name);
    taken.add(name);
    await expect(target).toBeVisible();
    await this.lab.page.mouse.move(0, 0);
    for (const [suffix, theme] of THEMES) {
      await this.theme(theme);
      await target.screenshot({ path: join(OUT, `${name}-${suffix}.png`), animations: 'disabled' });
    }
    await this.theme(THEMES[0][1]);
  }

  /** Make the panel so wide. */
  async panelWidth(width: number): Promise<void> {
    const handle = this.lab.page.locator('#jp-main-split-panel > .lm-SplitPanel-handle').first();
    const box = (await handle.boundingBox())!;
    const panel = (await this.lab.page.locator('#trackside-panel').boundingBox())!;
    const y = box.y + box.height / 2;
    await this.lab.page.mouse.move(box.x + box.width / 2, y);
    await this.lab.page.mouse.down();
    await this.lab.page.mouse.move(panel.x + width + box.width / 2, y);
    await this.lab.page.mouse.up();
  }

  private async theme(theme: string): Promise<void> {
    await this.lab.execute('apputils:change-theme', { theme });
    await expect(this.lab.page.locator('body')).toHaveAttribute('data-jp-theme-name', theme);
  }
}

/** What the server of the pictures holds. */
export interface IGround {
  /** The runs of the sweep, in the order of their start. */
  runs: string[];
  /** The one with a note and files. */
  furnished: string;
}

export const test = base.extend<{ gallery: Gallery }, { ground: IGround }>({
  ground: [
    async ({ servers, serverOf }, use) => {
      const server = await servers.of(serverOf);
      const runs = await logSweep(server);
      const furnished = runs[runs.length - 1];
      await furnish(server, furnished);
      await use({ runs, furnished });
    },
    { scope: 'worker', timeout: 120_000 }
  ],
  gallery: async ({ lab }, use) => use(new Gallery(lab))
});

test.use({ viewport: { width: 1280, height: 860 }, actionTimeout: 20_000 });

export { expect };
