import { ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

// Another environment can be tried, such as one with an older JupyterLab.
export const BIN = process.env.TRACKSIDE_TEST_BIN ?? resolve(__dirname, '../../.venv/bin');

/** A port that nothing listens on, and that the system gives to nobody by itself. */
export async function freePort(): Promise<number> {
  const port = randomInt(12_000, 30_000);
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? freePort().then(done, fail) : fail(error)
    );
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(port)));
  });
}

/** How a Jupyter server of the tests is started. */
export interface ServerOptions {
  /** `lab` or `notebook`. */
  app?: 'lab' | 'notebook';
  /** Further command line arguments. */
  args?: string[];
  /** Further variables of its environment. */
  env?: Record<string, string>;
  /** Extensions of JupyterLab that are turned off. */
  disabled?: string[];
}

/**
 * A real Jupyter server: secured by a token, below a URL prefix, with folders of its own.
 */
export class JupyterProcess {
  readonly token = 'a-token-of-the-browser-tests';
  readonly prefix = '/hub/user/x/';
  readonly home = mkdtempSync(join(tmpdir(), 'trackside-lab-'));
  readonly notebooks = join(this.home, 'notebooks');
  private port = 0;
  private child: ChildProcess | null = null;
  private output = '';

  constructor(private readonly options: ServerOptions = {}) {
    mkdirSync(this.notebooks);
    // JupyterLab asks at its first start whether to fetch news: the answer is no.
    const settings = join(this.home, '.jupyter/lab/user-settings/@jupyterlab/apputils-extension');
    mkdirSync(settings, { recursive: true });
    writeFileSync(
      join(settings, 'notification.jupyterlab-settings'),
      JSON.stringify({ fetchNews: 'false', checkForUpdates: false })
    );
    const labconfig = join(this.home, '.jupyter/labconfig');
    mkdirSync(labconfig);
    writeFileSync(
      join(labconfig, 'page_config.json'),
      JSON.stringify({
        disabledExtensions: Object.fromEntries((options.disabled ?? []).map(name => [name, true]))
      })
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}${this.prefix}`;
  }

  /** Start the server (again: on the same port, with the same folders) and wait until it answers. */
  async start(): Promise<void> {
    this.port ||= await freePort();
    const child = spawn(
      join(BIN, 'jupyter'),
      [
        this.options.app ?? 'lab',
        '--no-browser',
        '--allow-root',
        '--ip=127.0.0.1',
        `--ServerApp.port=${this.port}`,
        '--ServerApp.port_retries=0',
        `--ServerApp.base_url=${this.prefix}`,
        `--ServerApp.root_dir=${this.notebooks}`,
        `--IdentityProvider.token=${this.token}`,
        '--LabApp.expose_app_in_browser=True',
        '--JupyterNotebookApp.expose_app_in_browser=True',
        ...(this.options.args ?? [])
      ],
      {
        env: {
          PATH: `${BIN}:${process.env.PATH}`,
          HOME: this.home,
          LANG: 'C.UTF-8',
          JUPYTER_PLATFORM_DIRS: '0',
          MLFLOW_DISABLE_TELEMETRY: 'true',
          ...this.options.env
        },
        cwd: this.notebooks,
        stdio: ['ignore', 'pipe', 'pipe']
      }
    );
    this.child = child;
    const collect = (chunk: Buffer) => {
      this.output = (this.output + chunk.toString()).slice(-200_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const deadline = Date.now() + 90_000;
    while (!(await this.answers())) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`The Jupyter server did not come up:\n${this.output}`);
      }
      await new Promise(again => setTimeout(again, 100));
    }
  }

  /** End the server process with a signal and wait until it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const gone = new Promise(done => child.once('exit', done));
    child.kill(signal);
    await gone;
  }

  /** Stop the jobs, which would outlive the server, and the server; remove its folders. */
  async dispose(): Promise<void> {
    await this.stopJobs();
    await this.stop('SIGKILL');
    // Kernels see only after a moment that their server is gone, and write until then.
    const deadline = Date.now() + 30_000;
    for (;;) {
      try {
        rmSync(this.home, { recursive: true, force: true });
        return;
      } catch (error) {
        if (Date.now() > deadline) {
          throw error;
        }
        await new Promise(again => setTimeout(again, 200));
      }
    }
  }

  /** Give the server a kernel with an interpreter of its own, which leaves a file when it runs: `….ran`. */
  kernel(title: string, python: string): void {
    const script = `#!/bin/sh\n: > "$0.ran"\nexec ${join(BIN, 'python')} "$@"\n`;
    writeFileSync(python, script, { mode: 0o755 });
    const folder = join(this.home, '.local/share/jupyter/kernels', basename(python));
    mkdirSync(folder, { recursive: true });
    const argv = [python, '-m', 'ipykernel_launcher', '-f', '{connection_file}'];
    writeFileSync(
      join(folder, 'kernel.json'),
      JSON.stringify({ argv, display_name: title, language: 'python' })
    );
  }

  /** Put a notebook with these code cells into the server's folder. */
  notebook(name: string, cells: string[]): void {
    writeFileSync(
      join(this.notebooks, name),
      JSON.stringify({
        cells: cells.map((source, index) => ({
          cell_type: 'code',
          execution_count: null,
          id: `cell-${index}`,
          metadata: {},
          outputs: [],
          source
        })),
        metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
        nbformat: 4,
        nbformat_minor: 5
      })
    );
  }

  /** Ask the server's REST API. */
  async request(path: string, method = 'GET', body?: unknown): Promise<any> {
    const response = await fetch(this.url + path, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body)
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    }
    return text ? JSON.parse(text) : null;
  }

  /** The end of what the server printed. */
  log(): string {
    return this.output;
  }

  private async stopJobs(): Promise<void> {
    const open = 'trackside/api/v1/jobs?state=QUEUED,STARTING,RUNNING';
    if (!(await this.answers())) {
      return;
    }
    for (
      let { jobs } = await this.request(open);
      jobs.length;
      { jobs } = await this.request(open)
    ) {
      for (const job of jobs) {
        await this.request(`trackside/api/v1/jobs/${job.job_id}/cancel`, 'POST', {});
      }
      await new Promise(again => setTimeout(again, 200));
    }
  }

  private async answers(): Promise<boolean> {
    try {
      await this.request('api/status');
      return true;
    } catch {
      return false;
    }
  }
}
