import type { JupyterProcess } from './server';

/** Three rows of id, name (one missing), when and vec (a list), written by pyarrow. */
const PARQUET =
  'UEFSMRUEFTAVLkwVBhUAEgAAGAQBAAkBPAIAAAAAAAAAAwAAAAAAAAAVABUUFRgsFQYVEBUGFQYcGAgDAAAAAAAAABgI' +
  'AQAAAAAAAAAWACgIAwAAAAAAAAAYCAEAAAAAAAAAEREAAAAKJAIAAAAGAQIDJAAVBBUUFRhMFQQVABIAAAokAQAAAGEB' +
  'AAAAYhUAFRIVFiwVBhUQFQYVBhw2AigBYhgBYRERAAAACSACAAAAAwMBAwIVBBUQFRRMFQIVABIAAAgcAKD3Y1xHBgAV' +
  'ABUSFRYsFQYVEBUGFQYcGAgAoPdjXEcGABgIAKD3Y1xHBgAWACgIAKD3Y1xHBgAYCACg92NcRwYAEREAAAAJIAIAAAAG' +
  'AQEGABUEFSAVJEwVBBUAEgAAEDwAAAAAAAD4PwAAAAAAAARAFQAVIBUkLBUGFRAVBhUGHBgIAAAAAAAABEAYCAAAAAAA' +
  'APg/FgIoCAAAAAAAAARAGAgAAAAAAAD4PxERAAAAEDwCAAAABgADAAAAAx8AAQMCFQQZfDUAGAZzY2hlbWEVCAAVBCUC' +
  'GAJpZAAVDCUCGARuYW1lJQBMHAAAABUEJQIYBHdoZW4lFEyMEhwsAAAAAAA1AhgDdmVjFQIVBkw8AAAANQQYBGxpc3QV' +
  'AgAVCiUCGAdlbGVtZW50ABYGGRwZTCYAHBUEGTUABhAZGAJpZBUCFgYW3gEW4AEmUiYIHBgIAwAAAAAAAAAYCAEAAAAA' +
  'AAAAFgAoCAMAAAAAAAAAGAgBAAAAAAAAABERABksFQQVABUCABUAFRAVAgA8KQYZJgAGAAAAJgAcFQwZNQAGEBkYBG5h' +
  'bWUVAhYGFnwWhAEmnAIm6AEcNgIoAWIYAWEREQAZLBUEFQAVAgAVABUQFQIAPBYEGQYZJgIEAAAAJgAcFQQZNQAGEBkY' +
  'BHdoZW4VAhYGFrwBFsQBJpwDJuwCHBgIAKD3Y1xHBgAYCACg92NcRwYAFgAoCACg92NcRwYAGAgAoPdjXEcGABERABks' +
  'FQQVABUCABUAFRAVAgA8KQYZJgAGAAAAJgAcFQoZNQAGEBk4A3ZlYwRsaXN0B2VsZW1lbnQVAhYGFtoBFuIBJvAEJrAE' +
  'HBgIAAAAAAAABEAYCAAAAAAAAPg/FgIoCAAAAAAAAARAGAgAAAAAAAD4PxERABksFQQVABUCABUAFRAVAgA8KSYGABlG' +
  'AAIABAAAABbwBRYGJggWigYAKCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDI1LjAuMRlMHAAAHAAAHAAAHAAAADsC' +
  'AABQQVIx';

/** Two samples of silence. */
const SOUND = 'UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQQAAAAAAAAA';

/** One grey point. */
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

const HOSTILE = '<h1>Report</h1><script>parent.hacked = 1; window.hacked = 1</script>';

/** An artifact of each kind that has a preview. */
const FILES: Record<string, string | Buffer> = {
  'notes.txt': 'plain words',
  'readme.md': '# Read me\n\n<img src=x onerror="window.hacked = 1">\n\n**bold words**',
  'table.csv': 'name,score\nfirst,1\nsecond,2\n',
  'config.json': '{"depth": {"of": 3}}',
  'report.html': HOSTILE,
  'eval/rows.parquet': Buffer.from(PARQUET, 'base64'),
  'eval/said.wav': Buffer.from(SOUND, 'base64'),
  'eval/dot.png': Buffer.from(PICTURE, 'base64'),
  'work.ipynb': JSON.stringify({
    cells: [{ cell_type: 'markdown', metadata: {}, source: 'A notebook of the run' }],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5
  }),
  'logs/events.out.tfevents.1.host': Buffer.from([0, 1, 2])
};

/** The metrics that MLflow's own thread measures. */
const MEASURED: Record<string, (step: number) => number> = {
  'system/cpu_utilization_percentage': step => 40 + (step % 7),
  'system/system_memory_usage_megabytes': step => 8000 + step,
  'system/gpu_0_utilization_percentage': step => 90 - (step % 5),
  'system/disk_usage_percentage': () => 61,
  'system/network_receive_megabytes': step => step * 2
};

/** Log a run that has everything: curves with gaps, what the machine measured, files, a child. */
export async function logRichRun(server: JupyterProcess, name: string): Promise<string> {
  const mlflow = (path: string, body: unknown) =>
    server.request(`trackside/api/2.0/mlflow/${path}`, 'POST', body);
  const { experiment_id } = await mlflow('experiments/create', { name: `experiment of ${name}` });
  const begin = async (run_name: string, tags: { key: string; value: string }[]) =>
    (
      await mlflow('runs/create', {
        experiment_id,
        run_name,
        start_time: Date.now() - 600_000,
        tags
      })
    ).run.info;
  const info = await begin(name, [
    { key: 'team', value: 'vision' },
    { key: 'mlflow.note.content', value: 'First **try**.' }
  ]);
  const child = await begin(`child of ${name}`, [
    { key: 'mlflow.parentRunId', value: info.run_id }
  ]);
  const log = (key: string, valueOf: (step: number) => number | string, run_id = info.run_id) =>
    mlflow('runs/log-batch', {
      run_id,
      metrics: Array.from({ length: 120 }, (_, step) => ({
        key,
        value: valueOf(step),
        timestamp: Date.now() - 1000 * (600 - step),
        step
      }))
    });
  await log('loss', step => (step > 40 && step < 50 ? 'NaN' : Math.exp(-step / 40)));
  await log('accuracy', step => 1 - Math.exp(-step / 30));
  await log('lr', step => (step === 60 ? 'Infinity' : 0.1 / (1 + step)));
  await log('loss', step => 1 / (1 + step), child.run_id);
  for (const [key, valueOf] of Object.entries(MEASURED)) {
    await log(key, valueOf);
  }
  await mlflow('runs/log-batch', {
    run_id: info.run_id,
    metrics: [{ key: 'test_f1', value: 0.93, timestamp: Date.now(), step: 0 }],
    params: [
      { key: 'lr', value: '0.1' },
      { key: 'depth', value: '3' }
    ]
  });
  const folder = info.artifact_uri.replace(/^mlflow-artifacts:\/*/, '');
  for (const [path, body] of Object.entries(FILES)) {
    const url = `${server.url}trackside/api/2.0/mlflow-artifacts/artifacts/${folder}/${path}`;
    const answer = await fetch(url, {
      method: 'PUT',
      body: new Uint8Array(Buffer.from(body as string)),
      headers: { Authorization: `Bearer ${server.token}` }
    });
    if (!answer.ok) {
      throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    }
  }
  for (const { run_id } of [info, child]) {
    await mlflow('runs/update', { run_id, status: 'FINISHED', end_time: Date.now() });
  }
  return info.run_id;
}
