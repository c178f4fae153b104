import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '../fixtures';
import { BIN, type JupyterProcess } from '../server';

const WRITER = `
import sys
from tensorboard.compat.proto import event_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

writer = EventFileWriter(sys.argv[1])
for step in range(30):
    event = event_pb2.Event(wall_time=1.7e9 + step, step=step)
    event.summary.value.add(tag="epoch_loss", simple_value=1 / (step + 1))
    writer.add_event(event)
writer.close()
`;

/** A run whose artifacts hold, or will hold, an event file of TensorBoard's own writer. */
async function startRun(server: JupyterProcess, name: string) {
  const mlflow = (path: string, body: unknown) =>
    server.request(`trackside/api/2.0/mlflow/${path}`, 'POST', body);
  const { run } = await mlflow('runs/create', { experiment_id: '0', run_name: name });
  const root = run.info.artifact_uri.split(':/')[1];
  const logEvents = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trackside-events-'));
    execFileSync(join(BIN, 'python'), ['-c', WRITER, folder]);
    const [file] = readdirSync(folder);
    await fetch(`${server.url}trackside/api/2.0/mlflow-artifacts/artifacts/${root}/tb/${file}`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${server.token}` },
      body: readFileSync(join(folder, file))
    });
    rmSync(folder, { recursive: true });
  };
  return { id: run.info.run_id as string, logEvents };
}

test.describe('TensorBoard', () => {
  test('opens on the event files of a run, apart from Jupyter, and gives its scalars to the run', async ({
    lab
  }) => {
    const { page } = lab;
    const run = await startRun(lab.server, 'with-events');
    await lab.open();
    const panel = await lab.openPanel();
    await panel.getByText('with-events').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Open in TensorBoard' }).click();
    await expect(page.getByText('There are no event files yet.')).toBeVisible();
    // The tab was not opened in vain: the files come, and so does TensorBoard.
    const curve = page.waitForResponse(
      answer => answer.url().endsWith('/timeSeries') && answer.request().method() === 'POST'
    );
    await run.logEvents();
    const board = page.frameLocator('.jp-TracksideTensorboard iframe');
    await expect(board.getByText('epoch_loss').first()).toBeVisible({ timeout: 60_000 });
    await expect(board.getByText('with-events/tb').first()).toBeVisible();
    expect(await (await curve).json()).toMatchObject([{ tag: 'epoch_loss' }]);
    const tab = (await page.locator('.jp-TracksideTensorboard').boundingBox())!;
    const shown = (await page.locator('.jp-TracksideTensorboard-frame').boundingBox())!;
    expect([shown.width, shown.height]).toEqual([tab.width, tab.height]);

    // Its page cannot reach what the user's page can.
    const frame = page.frames().find(one => one.url().includes('/trackside/tensorboard/'))!;
    const reach = await frame.evaluate(async () => ({
      origin: window.origin,
      cookie: document.cookie,
      parent: (() => {
        try {
          return window.parent.document.title;
        } catch {
          return 'none';
        }
      })(),
      api: await fetch(new URL('../../../api/v1/info', document.baseURI)).then(
        answer => answer.status,
        () => 'none'
      )
    }));
    expect(reach).toEqual({ origin: 'null', cookie: '', parent: 'none', api: 'none' });

    await page.getByRole('button', { name: 'Read scalars into the metrics' }).click();
    // By the keyboard: while TensorBoard draws, what slides in takes its time to stand still.
    await page.getByRole('button', { name: 'Show Charts' }).press('Enter');
    await expect(page.locator('.jp-TracksideRun')).toContainText('epoch_loss');

    await lab.reload();
    await lab.execute('trackside:open-tensorboard', { run: run.id });
    await expect(page.locator('.jp-TracksideTensorboard')).toHaveCount(1);
    await expect(board.getByText('epoch_loss').first()).toBeVisible({ timeout: 60_000 });
  });
});
