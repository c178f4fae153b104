import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';

import { JupyterProcess } from './server';

declare global {
  interface Window {
    jupyterapp: {
      started: Promise<void>;
      restored: Promise<void>;
      shell: { currentWidget: any };
      commands: {
        execute(id: string, args?: Record<string, unknown>): Promise<any>;
        hasCommand(id: string): boolean;
      };
    };
  }
}

/** JupyterLab in the page: set-up by commands, the thing under test by real clicks and keys. */
export class Lab {
  constructor(
    readonly page: Page,
    readonly server: JupyterProcess
  ) {}

  /** Open JupyterLab, by default in a fresh workspace. */
  async open(path = 'lab?reset'): Promise<void> {
    const url = new URL(this.server.url + path);
    url.searchParams.set('token', this.server.token);
    await this.page.goto(url.href);
    await this.ready();
  }

  /** Load the page again and wait until its layout is restored. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** Run a command of JupyterLab. */
  async execute(id: string, args: Record<string, unknown> = {}): Promise<void> {
    await this.page.evaluate(
      async ([command, options]) => {
        await window.jupyterapp.commands.execute(command, options);
      },
      [id, args] as const
    );
  }

  /** Start a command that asks the user something, without waiting for its end. */
  async begin(id: string, args: Record<string, unknown> = {}): Promise<void> {
    await this.page.evaluate(
      ([command, options]) => {
        void window.jupyterapp.commands.execute(command, options);
      },
      [id, args] as const
    );
  }

  /** Open a notebook and wait until its kernel is idle. */
  async openNotebook(name: string): Promise<void> {
    await this.execute('docmanager:open', { path: name, factory: 'Notebook' });
    await expect(this.page.locator('.jp-Notebook').last()).toBeVisible();
    await this.kernelReady();
  }

  /** Wait until the kernel of the notebook in front has answered: cells run before that get lost. */
  async kernelReady(): Promise<void> {
    await this.page.evaluate(async () => {
      const { sessionContext } = window.jupyterapp.shell.currentWidget;
      await sessionContext.ready;
      await sessionContext.session.kernel.info;
    });
    await this.kernelIdle();
  }

  /** Wait until the kernel of the notebook in front is idle. */
  async kernelIdle(): Promise<void> {
    await expect(
      this.page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-ExecutionIndicator')
    ).toHaveAttribute('data-status', 'idle', { timeout: 60_000 });
  }

  /** The n-th cell of the notebook in front, from 0. */
  cell(index: number) {
    return this.page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell').nth(index);
  }

  /** Run the n-th cell as a user does: click into it and press Shift+Enter. */
  async runCell(index: number): Promise<void> {
    await this.cell(index).locator('.cm-content').click();
    await this.page.keyboard.press('Shift+Enter');
  }

  /** Show the Trackside panel. */
  async openPanel() {
    await this.execute('trackside:show-panel');
    const panel = this.page.locator('#trackside-panel');
    await expect(panel).toBeVisible();
    return panel;
  }

  /** Scan a part of the page with axe in both themes, and leave the light one. */
  async scan(part: string): Promise<void> {
    for (const theme of ['JupyterLab Dark', 'JupyterLab Light']) {
      await this.execute('apputils:change-theme', { theme });
      await expect(this.page.locator('body')).toHaveAttribute('data-jp-theme-name', theme);
      // TensorBoard's own page is not ours to judge.
      const scan = new AxeBuilder({ page: this.page }).include(part).exclude('iframe');
      expect((await scan.analyze()).violations, theme).toEqual([]);
    }
  }

  private async ready(): Promise<void> {
    await this.page.waitForFunction(() => Boolean(window.jupyterapp));
    await this.page.evaluate(async () => {
      await window.jupyterapp.started;
      await window.jupyterapp.restored;
    });
    await expect(this.page.locator('#jupyterlab-splash')).toHaveCount(0);
  }
}

/**
 * The server of the tests: each file has one of its own, so that what one leaves behind is not what another finds.
 */
export class Servers {
  private current?: { owner: string; server: JupyterProcess };

  /** The server of a file with tests. */
  async of(owner: string): Promise<JupyterProcess> {
    if (this.current?.owner !== owner) {
      await this.dispose();
      this.current = { owner, server: new JupyterProcess() };
      await this.current.server.start();
    }
    return this.current.server;
  }

  async dispose(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    await current?.server.dispose();
  }
}

export const test = base.extend<{ lab: Lab }, { servers: Servers; serverOf: 'file' | 'all' }>({
  serverOf: ['file', { option: true, scope: 'worker' }],
  servers: [
    async ({}, use) => {
      const servers = new Servers();
      await use(servers);
      await servers.dispose();
    },
    { scope: 'worker', timeout: 120_000 }
  ],
  lab: [
    async ({ page, servers, serverOf }, use, info) => {
      const lab = new Lab(page, await servers.of(serverOf === 'file' ? info.file : serverOf));
      await use(lab);
      if (info.status !== info.expectedStatus) {
        await info.attach('server.log', { body: lab.server.log(), contentType: 'text/plain' });
      }
    },
    { timeout: 120_000 }
  ]
});

export { expect };
