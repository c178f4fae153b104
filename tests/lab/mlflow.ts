import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BIN, freePort } from './server';

/** A real MLflow server, which can go away and come back. */
export class MlflowProcess {
  private readonly folder = mkdtempSync(join(tmpdir(), 'trackside-mlflow-'));
  private port = 0;
  private child: ChildProcess | null = null;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Start it, again on the same port and files, and wait until it answers. */
  async start(): Promise<void> {
    this.port ||= await freePort();
    const options = {
      '--workers': '1',
      '--port': String(this.port),
      '--backend-store-uri': `sqlite:///${this.folder}/mlflow.db`,
      '--artifacts-destination': join(this.folder, 'artifacts')
    };
    this.child = spawn(
      join(BIN, 'python'),
      ['-m', 'mlflow', 'server', ...Object.entries(options).flat()],
      {
        cwd: this.folder,
        detached: true,
        stdio: 'ignore',
        env: {
          PATH: process.env.PATH,
          HOME: this.folder,
          MLFLOW_DISABLE_TELEMETRY: 'true',
          MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false'
        }
      }
    );
    const deadline = Date.now() + 90_000;
    while (!(await this.answers())) {
      if (this.child.exitCode !== null || Date.now() > deadline) {
        throw new Error('The MLflow server did not come up.');
      }
      await new Promise(again => setTimeout(again, 200));
    }
  }

  /** Ask it directly, as somebody else does. */
  async post(path: string, body: unknown): Promise<any> {
    const response = await fetch(`${this.url}/api/2.0/mlflow/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body)
    });
    return response.json();
  }

  /** Take it away, with its workers. */
  async stop(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child?.pid && child.exitCode === null) {
      const gone = new Promise(done => child.once('exit', done));
      process.kill(-child.pid, 'SIGKILL');
      await gone;
    }
  }

  /** Stop it and remove its files. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private async answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health`)).ok;
    } catch {
      return false;
    }
  }
}
