import type { JupyterProcess } from './server';

/** A run to log. */
export interface RunToLog {
  name: string;
  loss: number;
  lr: string;
  /** The run that it is nested in. */
  parent?: string;
}

/** Log runs as an MLflow client does, into an experiment that is made if it is not there. */
export async function logRuns(
  server: JupyterProcess,
  experiment: string,
  runs: readonly RunToLog[]
): Promise<string[]> {
  const mlflow = (path: string, body: unknown) =>
    server.request(`trackside/api/2.0/mlflow/${path}`, 'POST', body);
  const known = await server.request(
    `trackside/api/2.0/mlflow/experiments/search?max_results=1000`
  );
  const { experiment_id } =
    known.experiments?.find((one: { name: string }) => one.name === experiment) ??
    (await mlflow('experiments/create', { name: experiment }));
  const ids: string[] = [];
  for (const { name, loss, lr, parent } of runs) {
    const { run } = await mlflow('runs/create', {
      experiment_id,
      run_name: name,
      start_time: Date.now(),
      tags: parent === undefined ? [] : [{ key: 'mlflow.parentRunId', value: parent }]
    });
    const run_id = run.info.run_id;
    await mlflow('runs/log-batch', {
      run_id,
      metrics: Array.from({ length: 20 }, (_, step) => ({
        key: 'loss',
        value: loss + (19 - step) / 20,
        timestamp: Date.now(),
        step
      })),
      params: [{ key: 'lr', value: lr }]
    });
    await mlflow('runs/update', { run_id, status: 'FINISHED', end_time: Date.now() });
    ids.push(run_id);
  }
  return ids;
}

/** The experiment of a run. */
export async function experimentOf(server: JupyterProcess, runId: string): Promise<string> {
  const { run } = await server.request(
    `trackside/api/2.0/mlflow/runs/get?run_id=${encodeURIComponent(runId)}`
  );
  return run.info.experiment_id;
}
