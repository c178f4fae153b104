import { expect, test } from 'vitest';

import { serveWith } from '../../__tests__/server';
import { RecurringApi } from '../recurring';

test('everything that recurs here is one list, asked for once, and told apart', async () => {
  const { settings, seen } = serveWith(() => ({
    body: {
      recurring: [
        {
          recurring_run_id: 'a',
          kind: 'job',
          job: { path: 'train.py', on: 'cluster' },
          kept_by: { cronjob: 'trackside-a', namespace: 'team-a' },
          runner: 'cluster',
          last_run: { kind: 'job', id: 'j', state: 'FAILED', started_at: null, ended_at: null },
          problem: 'There is no file train.py.',
          status: 'ENABLED',
          trackside: {
            missed: 2,
            last: { due_at: '2026-11-29T06:00:00Z', outcome: 'STARTED', run_id: 'r', job_id: 'j' }
          }
        },
        {
          recurring_run_id: 'b',
          kind: 'pipeline',
          kept_by: null,
          trackside: { missed: 0, last: null }
        }
      ],
      jobs: { total: 7, enabled: 5, next_due_at: '2026-11-30T06:00:00Z' },
      next_page_token: 'more'
    }
  }));
  const page = await new RecurringApi(settings).list({ page_size: 50 });
  expect(seen.map(({ path }) => path)).toEqual(['api/v1/recurring']);
  expect(page.nextPageToken).toBe('more');
  const next_at = Date.parse('2026-11-30T06:00:00Z');
  expect(page.jobs).toEqual({ total: 7, enabled: 5, next_at });
  const [job, pipeline] = page.items;
  expect(job).toMatchObject({ kind: 'job', enabled: true, missed: 2, cronjob: 'trackside-a' });
  expect([job.job?.path, job.last?.job_id]).toEqual(['train.py', 'j']);
  expect([job.runner, job.problem]).toEqual(['cluster', 'There is no file train.py.']);
  expect(job.last_run).toMatchObject({ kind: 'job', id: 'j', state: 'FAILED' });
  expect(pipeline).toMatchObject({
    kind: 'pipeline',
    job: null,
    missed: 0,
    last: null,
    last_run: null,
    problem: '',
    runner: '',
    cronjob: ''
  });
});

test('what recurs is asked of where it is, and changed there', async () => {
  const { settings, seen } = serveWith(({ path, method }) => ({
    body: method === 'PUT' && path.endsWith('/cronjob') ? { kept_by: { notes: ['As it is.'] } } : {}
  }));
  const api = new RecurringApi(settings);
  await api.list({ place: 'kfp' });
  for (const id of ['a/b', 'kfp:c']) {
    await api.get(id);
    await api.enable(id, true);
    await api.remove(id);
  }
  await api.restore('a/b');
  await api.start('a/b');
  expect(await api.keepOnCluster('a/b')).toEqual(['As it is.']);
  await api.takeBack('a/b', false);
  expect(seen.at(-1)!.query.get('leave')).toBeNull();
  await api.takeBack('a/b', true);
  expect(seen.at(-1)!.query.get('leave')).toBe('true');
  await api.replace('a/b', {
    name: 'nightly',
    job: { kind: 'script', path: 'train.py' },
    schedule: { interval: 60, cron: '', start_at: null, end_at: null },
    max_concurrency: 2,
    no_catchup: true,
    enabled: false
  });
  expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET kfp/apis/v2beta1/recurringruns',
    'GET api/v1/recurring/a%2Fb',
    'POST api/v1/recurring/a%2Fb/enable',
    'DELETE api/v1/recurring/a%2Fb',
    'GET kfp/apis/v2beta1/recurringruns/c',
    'POST kfp/apis/v2beta1/recurringruns/c:enable',
    'DELETE kfp/apis/v2beta1/recurringruns/c',
    'POST api/v1/recurring/a%2Fb/restore',
    'POST api/v1/recurring/a%2Fb/run',
    'PUT api/v1/recurring/a%2Fb/cronjob',
    'DELETE api/v1/recurring/a%2Fb/cronjob',
    'DELETE api/v1/recurring/a%2Fb/cronjob',
    'PUT api/v1/recurring/a%2Fb'
  ]);
  expect(seen.at(-1)!.body).toEqual({
    name: 'nightly',
    job: { kind: 'script', path: 'train.py' },
    trigger: { periodic_schedule: { interval_second: '60' } },
    max_concurrency: 2,
    no_catchup: true
  });
});
