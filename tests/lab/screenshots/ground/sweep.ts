import type { JupyterProcess } from '../../server';

/** The experiment that the pictures show. */
export const EXPERIMENT = 'digits';

/** A registered model of the pictures. */
export const MODEL = 'digits-clf';

const HOUR = 3_600_000;
const STEPS = 40;
const RATES = ['0.001', '0.003', '0.01', '0.03', '0.1'];
const OPTIMIZERS = ['sgd', 'adam', 'lion'];
const TEAMS = ['vision', 'speech'];
const WIDTHS = ['32', '64', '128'];

/** Asks MLflow's API of the server. */
export function mlflow(server: JupyterProcess, path: string, body: unknown): Promise<any> {
  return server.request(`trackside/api/2.0/mlflow/${path}`, 'POST', body);
}

/** Numbers that look random and are the same each time. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** Logs a sweep as an MLflow client does: forty runs, some nested, some failed. Gives their ids, the best one last. */
export async function logSweep(server: JupyterProcess): Promise<string[]> {
  const { experiment_id } = await mlflow(server, 'experiments/create', { name: EXPERIMENT });
  const random = chance(7);
  const ids: string[] = [];
  let parent = '';
  for (let number = 1; number <= 40; number++) {
    const lr = RATES[number % RATES.length];
    const optimizer = OPTIMIZERS[number % OPTIMIZERS.length];
    const status = number % 13 === 0 ? 'FAILED' : number % 17 === 0 ? 'KILLED' : 'FINISHED';
    const isNested = number % 8 > 4;
    const started = Date.now() - (41 - number) * 0.7 * HOUR;
    const { run } = await mlflow(server, 'runs/create', {
      experiment_id,
      run_name: number % 8 === 4 ? `sweep-${number}` : `digits-${number}`,
      user_id: number % 3 ? 'ada' : 'grace',
      start_time: started,
      tags: isNested ? [{ key: 'mlflow.parentRunId', value: parent }] : []
    });
    const { run_id } = run.info;
    parent = number % 8 === 4 ? run_id : parent;
    const steps = status === 'FINISHED' ? STEPS : 12;
    await mlflow(server, 'runs/log-batch', {
      run_id,
      params: Object.entries({
        lr,
        optimizer,
        width: WIDTHS[(number % 4) % 3],
        epochs: String(STEPS),
        seed: String(number)
      }).map(([key, value]) => ({ key, value })),
      metrics: curves(Number(lr), optimizer, steps, started, random),
      tags: [
        { key: 'team', value: TEAMS[number % 2] },
        { key: 'dataset', value: 'digits-1797' }
      ]
    });
    const end_time = started + steps * 9000 + Math.round(random() * 60_000);
    await mlflow(server, 'runs/update', { run_id, status, end_time });
    ids.push(run_id);
  }
  return ids;
}

function curves(
  lr: number,
  optimizer: string,
  steps: number,
  started: number,
  random: () => number
): unknown[] {
  const speed = 0.06 + 0.1 / (1 + Math.abs(Math.log10(lr / 0.02))) + optimizer.length / 200;
  const floor = 0.04 + 0.1 * Math.abs(Math.log10(lr / 0.02));
  return Array.from({ length: steps }, (_, step) => {
    const fall = Math.exp(-speed * step);
    const loss = floor + 2.2 * fall + 0.05 * random();
    const values = {
      loss,
      accuracy: 1 - 0.35 * loss,
      'val/loss': loss * 1.12 + 0.04 * random(),
      'val/accuracy': 0.985 - 0.36 * loss - 0.01 * random(),
      lr: lr * (0.55 + 0.45 * Math.cos((Math.PI * step) / STEPS))
    };
    return Object.entries(values).map(([key, value]) => ({
      key,
      value,
      step,
      timestamp: Math.round(started + step * 9000)
    }));
  }).flat();
}

/** Register the model of each of these runs as a version. */
export async function register(
  server: JupyterProcess,
  name: string,
  runs: readonly string[]
): Promise<void> {
  await mlflow(server, 'registered-models/create', {
    name,
    description: 'Tells handwritten digits apart. Retrained each week.'
  });
  for (const run_id of runs) {
    const { run } = await server.request(`trackside/api/2.0/mlflow/runs/get?run_id=${run_id}`);
    const source = `${run.info.artifact_uri}/model`;
    await mlflow(server, 'model-versions/create', { name, source, run_id });
  }
}
