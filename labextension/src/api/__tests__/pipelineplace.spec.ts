import { expect, test } from 'vitest';

import { serveWith } from '../../__tests__/server';
import { readTasks } from '../../pipelines/tasks';
import { PipelineRunsApi } from '../pipelineruns';
import { PipelinesApi } from '../pipelines';
import { RecurringApi } from '../recurring';

const RUN = {
  run_id: '7a',
  experiment_id: 'e',
  recurring_run_id: 'c',
  pipeline_version_reference: { pipeline_id: 'p', pipeline_version_id: 'v' },
  plugins_output: { mlflow: { entries: { root_run_id: { value: 'm' } } } },
  trackside: { open_in_kfp: 'https://kfp.example.org/#/runs/details/7a' }
};

test('what a KFP server tells of has ids that lead back to it, and the plain ones are sent', async () => {
  const { settings, seen } = serveWith(({ path }) => ({
    body: path.endsWith('/runs') ? { runs: [RUN], total_size: 1 } : RUN
  }));
  const api = new PipelinesApi(settings);
  const { items } = await api.runs({ place: 'kfp', experiment_id: 'kfp:e' });
  const [run] = items;
  expect([run.run_id, run.pipeline_id, run.version_id, run.recurring_id]).toEqual([
    'kfp:7a',
    'kfp:p',
    'v',
    'kfp:c'
  ]);
  // Another server tracks it.
  expect(run.mlflow_run_id).toBe('');
  await api.run(run.run_id);
  await api.archive(run.run_id);
  await api.version(run.pipeline_id, run.version_id);
  await new RecurringApi(settings).enable(run.recurring_id, false);
  await new PipelineRunsApi(settings).terminate(run.run_id);
  await api.start({
    name: 'again',
    experiment_id: run.experiment_id,
    source: { pipeline_id: run.pipeline_id, version_id: run.version_id },
    arguments: {}
  });
  const routes = seen.map(
    ({ method, path }) => `${method} ${path.replace('kfp/apis/v2beta1', '')}`
  );
  expect(routes).toEqual([
    'GET /runs',
    'GET /runs/7a',
    'POST /runs/7a:archive',
    'GET /pipelines/p/versions/v',
    'POST /recurringruns/c:disable',
    'POST /runs/7a:terminate',
    'POST /runs'
  ]);
  expect(seen[0].query.get('experiment_id')).toBe('e');
  expect(seen[0].query.has('place')).toBe(false);
  expect(seen[6].body).toMatchObject({
    experiment_id: 'e',
    pipeline_version_reference: { pipeline_id: 'p', pipeline_version_id: 'v' }
  });
});

test('what is here keeps its ids and its routes', async () => {
  const { settings, seen } = serveWith(() => ({ body: { runs: [RUN] } }));
  const api = new PipelinesApi(settings);
  const { items } = await api.runs({});
  expect([items[0].run_id, items[0].mlflow_run_id]).toEqual(['7a', 'm']);
  await api.deleteRun('7a');
  expect(seen.map(({ path }) => path)).toEqual(['apis/v2beta1/runs', 'apis/v2beta1/runs/7a']);
});

test('a page that a server names is linked to if it is one of the web, and only then', async () => {
  const hostile = { ...RUN, trackside: { open_in_kfp: 'javascript:alert(1)' } };
  const { settings } = serveWith(() => ({ body: { runs: [RUN, hostile] } }));
  const { items } = await new PipelinesApi(settings).runs({ place: 'kfp' });
  expect(items.map(({ kfp_url }) => kfp_url)).toEqual([RUN.trackside.open_in_kfp, '']);
});

test('a task of a KFP server names no job that would be looked for here', () => {
  const raw = {
    task_id: 't',
    name: 'fit',
    trackside: { job_id: 'j', mlflow_run_id: 'm', cached_from: { run_id: 'r' } },
    outputs: { artifacts: [{ artifact_key: 'model', artifacts: [{ artifact_id: '12' }] }] }
  };
  const [there, here] = (['kfp', 'here'] as const).map(place =>
    readTasks([raw], place).byPath.get('fit')!
  );
  expect([there.jobId, there.trackingRunId, there.cachedFrom?.runId]).toEqual(['', '', 'kfp:r']);
  expect(there.outputs.artifacts[0].artifacts[0].artifact_id).toBe('kfp:12');
  expect([here.jobId, here.trackingRunId, here.cachedFrom?.runId]).toEqual(['j', 'm', 'r']);
});
