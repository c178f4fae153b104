import { logRuns } from './runs';
import type { JupyterProcess } from './server';

const SIGNATURE = JSON.stringify([
  { type: 'double', name: 'pixel_0', required: true },
  { type: 'long', name: 'label', required: false }
]);

/** The file that MLflow writes beside a model; long texts are folded, as PyYAML does. */
const MLMODEL = `artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
  sklearn:
    pickled_model: model.pkl
mlflow_version: 3.1.0
saved_input_example_info:
  artifact_path: input_example.json
  serving_input_path: serving_input_example.json
  type: dataframe
signature:
  inputs: '${SIGNATURE.replace(/, /g, ',\n    ')}'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
`;

const EXAMPLE = '{"dataframe_split": {"columns": ["pixel_0", "label"], "data": [[0.5, 7]]}}';

/** Log runs that hold a model each; gives their ids. */
export async function logModels(
  server: JupyterProcess,
  experiment: string,
  losses: readonly number[]
): Promise<string[]> {
  const ids = await logRuns(
    server,
    experiment,
    losses.map((loss, at) => ({ name: `${experiment}-${at + 1}`, loss, lr: '0.1' }))
  );
  for (const id of ids) {
    const root = await folderOf(server, id);
    await put(server, `${root}/model/MLmodel`, MLMODEL);
    await put(server, `${root}/model/serving_input_example.json`, EXAMPLE);
  }
  return ids;
}

/** Register the models of runs as versions of one name, as an MLflow client does. */
export async function registerModels(
  server: JupyterProcess,
  name: string,
  runs: readonly string[]
): Promise<void> {
  const mlflow = (path: string, body: unknown) =>
    server.request(`trackside/api/2.0/mlflow/${path}`, 'POST', body);
  await mlflow('registered-models/create', { name });
  for (const run_id of runs) {
    const source = `mlflow-artifacts:/${await folderOf(server, run_id)}/model`;
    await mlflow('model-versions/create', { name, source, run_id });
  }
}

async function folderOf(server: JupyterProcess, run_id: string): Promise<string> {
  const { run } = await server.request(`trackside/api/2.0/mlflow/runs/get?run_id=${run_id}`);
  return run.info.artifact_uri.replace(/^mlflow-artifacts:\/*/, '');
}

async function put(server: JupyterProcess, path: string, text: string): Promise<void> {
  const url = `${server.url}trackside/api/2.0/mlflow-artifacts/artifacts/${path}`;
  const headers = { Authorization: `Bearer ${server.token}` };
  const response = await fetch(url, { method: 'PUT', headers, body: text });
  if (!response.ok) {
    throw new Error(`PUT ${path}: ${response.status} ${await response.text()}`);
  }
}
