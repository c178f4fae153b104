import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

import { BIN, type JupyterProcess } from './server';

/** The environment in which tasks find the SDK. */
export const SDK = { PYTHONPATH: resolve(__dirname, '../../.clients/kfp-2.17') };

/** A pipeline of this folder as the SDK compiles it. */
export function compiled(name: string): Record<string, unknown> {
  const source = resolve(__dirname, `pipelines/${name}.py`);
  const output = execFileSync(`${BIN}/python`, ['-W', 'ignore', source], {
    env: { ...process.env, ...SDK },
    encoding: 'utf8'
  });
  return JSON.parse(output);
}

/** Start a pipeline; gives the id of the run. */
export async function startPipeline(
  server: JupyterProcess,
  spec: Record<string, unknown>,
  parameters: Record<string, unknown>,
  name: string
): Promise<string> {
  const run = await server.request('trackside/apis/v2beta1/runs', 'POST', {
    display_name: name,
    pipeline_spec: spec,
    runtime_config: { parameters }
  });
  return run.run_id;
}
