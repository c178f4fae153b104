import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BIN, type JupyterProcess } from './server';

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
export async function startEventRun(server: JupyterProcess, name: string) {
  const mlflow = (path: string, body: unknown) =>
    server.request(`trackside/api/2.0/mlflow/${path}`, 'POST', body);
  const { run } = await mlflow('runs/create', { experiment_id: '0', run_name: name });
  const root = run.info.artifact_uri.split(':/')[1];
  const logEvents = async (below = 'tb/') => {
    const folder = mkdtempSync(join(tmpdir(), 'trackside-events-'));
    execFileSync(join(BIN, 'python'), ['-c', WRITER, folder]);
    const [file] = readdirSync(folder);
    await fetch(
      `${server.url}trackside/api/2.0/mlflow-artifacts/artifacts/${root}/${below}${file}`,
      {
        method: 'PUT',
        headers: { Authorization: `Bearer ${server.token}` },
        body: readFileSync(join(folder, file))
      }
    );
    rmSync(folder, { recursive: true });
  };
  return { id: run.info.run_id as string, logEvents };
}
