import { Signal } from '@lumino/signaling';
import { expect, test, vi } from 'vitest';

import { serveWith } from '../../__tests__/server';
import { RecurringApi } from '../../api/recurring';
import type { IJob } from '../../api/types';
import type { IModelChange, ITracksideModel } from '../../tokens';
import { RecurringModel } from '../pipelines';

const NOTHING: IModelChange = {
  jobs: [],
  before: new Map(),
  runs: [],
  experiments: [],
  models: [],
  pipelineRuns: [],
  pipelines: [],
  recurring: [],
  deleted: [],
  reset: false
};

const job = (job_id: string, state: IJob['state']): IJob => ({ job_id, state }) as IJob;

test('the state of the last run is what it is now, and the count that of all, whatever is listed', async () => {
  let state = 'RUNNING';
  const { settings, seen } = serveWith(() => ({
    body: {
      recurring: [
        { recurring_run_id: 'a', kind: 'job', last_run: { kind: 'job', id: 'j', state } },
        {
          recurring_run_id: 'b',
          kind: 'pipeline',
          last_run: { kind: 'pipeline_run', id: 'r', state: 'SUCCEEDED' }
        }
      ],
      jobs: { total: 60, enabled: 0, next_due_at: null },
      next_page_token: 'more'
    }
  }));
  const changed = new Signal<ITracksideModel, IModelChange>({} as ITracksideModel);
  const model = new RecurringModel({
    ready: Promise.resolve(),
    changed,
    recurringApi: new RecurringApi(settings)
  } as unknown as ITracksideModel);
  const states = () => model.items.map(({ last_run }) => last_run?.state);
  await vi.waitFor(() => expect(states()).toEqual(['RUNNING', 'SUCCEEDED']));
  expect(model.jobs?.total).toBe(60);

  // What is news of other runs, or none of the state, is none of the list.
  const before = new Map([['j', job('j', 'RUNNING')]]);
  const asked = seen.length;
  changed.emit({
    ...NOTHING,
    jobs: [job('x', 'FAILED')],
    pipelineRuns: [{ run_id: 'x', revision: 2 }]
  });
  changed.emit({ ...NOTHING, jobs: [job('j', 'RUNNING')], before });
  state = 'FAILED';
  changed.emit({ ...NOTHING, jobs: [job('j', 'FAILED')], before });
  await vi.waitFor(() => expect(states()).toEqual(['FAILED', 'SUCCEEDED']), { timeout: 5000 });
  expect(seen.length).toBe(asked + 1);

  // What was done to the version that it runs is said with the pipeline.
  changed.emit({ ...NOTHING, pipelines: [{ pipeline_id: 'p', revision: 3 }] });
  await vi.waitFor(() => expect(seen.length).toBe(asked + 2), { timeout: 5000 });
  model.dispose();
});
