import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { deferred, makeChanges, makeJob } from '../../__tests__/builders';
import { type Answer, Events, type ISeen, serveWith } from '../../__tests__/server';
import type { IChanges } from '../../api/types';
import type { IModelChange } from '../../tokens';
import { VERSION } from '../../version';
import { TracksideModel } from '../model';

const trans = nullTranslator.load('trackside');
const models: TracksideModel[] = [];

function start(changes: (since: string | null, seen: ISeen) => Answer | Promise<Answer>) {
  const events = new Events();
  const { settings, seen } = serveWith(request => {
    if (request.path === 'api/v1/info') {
      return { body: { version: VERSION, runners: [] } };
    }
    return changes(request.query.get('since'), request);
  });
  const model = new TracksideModel({ serverSettings: settings, events: events.manager, trans });
  const news: IModelChange[] = [];
  model.changed.connect((_, change) => {
    news.push(change);
  });
  models.push(model);
  const asked = () => seen.filter(({ path }) => path === 'api/v1/changes').length;
  return { model, events, news, asked, seen };
}

const reply = (change: Partial<IChanges>): Answer => ({ body: makeChanges(change) });

afterEach(() => {
  models.splice(0).forEach(model => model.dispose());
});

describe('the model', () => {
  it('begins with a snapshot and then asks only for what is new', async () => {
    const { model, events, news } = start(since =>
      since === null
        ? reply({ revision: 10, reset: true, jobs: [makeJob({ revision: 10 })] })
        : reply({ revision: 11, jobs: [makeJob({ revision: 11, state: 'SUCCEEDED' })] })
    );
    await model.ready;
    expect(model.connection.state).toBe('ok');
    expect(model.jobs.get('j1')?.state).toBe('RUNNING');
    events.ring({ revision: 11, change: 'state' });
    await vi.waitFor(() => expect(model.jobs.get('j1')?.state).toBe('SUCCEEDED'));
    expect(news[1].before.get('j1')?.state).toBe('RUNNING');
    expect(model.jobOfRun('run-of-j1')?.job_id).toBe('j1');
  });

  it('does not ask for an event about what it has seen, nor for those of others', async () => {
    const { model, events, asked } = start(() => reply({ revision: 10, reset: true }));
    await model.ready;
    events.ring({ revision: 10, change: 'state' });
    events.ring({ revision: 99, change: 'state' }, 'https://events.jupyter.org/other/v1');
    await new Promise(resolve => setTimeout(resolve));
    expect(asked()).toBe(1);
  });

  it('asks once more for any number of events that come while it asks', async () => {
    const gate = deferred<void>();
    let count = 0;
    const { model, events, asked } = start(async since => {
      if (since !== null && (count += 1) === 1) {
        await gate.promise;
      }
      return reply({ revision: 10 + count, reset: since === null });
    });
    await model.ready;
    events.ring({ revision: 20, change: 'state' });
    await vi.waitFor(() => expect(asked()).toBe(2));
    for (let revision = 21; revision < 40; revision += 1) {
      events.ring({ revision, change: 'state' });
    }
    gate.resolve();
    await vi.waitFor(() => expect(asked()).toBe(3));
    await model.refresh();
    expect(asked()).toBe(4);
  });

  it('gathers the many small events of a running job', async () => {
    const { model, events, asked } = start(since => reply({ revision: 10, reset: !since }));
    await model.ready;
    vi.useFakeTimers();
    try {
      for (let at = 0; at < 1000; at += 20) {
        events.ring({ revision: 20 + at, change: 'activity' });
        await vi.advanceTimersByTimeAsync(20);
      }
    } finally {
      vi.useRealTimers();
    }
    await vi.waitFor(() => expect(asked()).toBeGreaterThan(2));
    expect(asked()).toBeLessThan(10);
  });

  it('catches up when the page comes back into view', async () => {
    const { model, asked } = start(() => reply({ revision: 10, reset: true }));
    await model.ready;
    document.dispatchEvent(new Event('visibilitychange'));
    await vi.waitFor(() => expect(asked()).toBe(2));
  });

  it.each([
    [{ status: 404, text: '{"message": "Not Found"}' }, 'unavailable', 'extension is not running'],
    [{ status: 403, text: '{"message": "Forbidden"}' }, 'unavailable', 'does not let you'],
    [{ status: 502, text: '<html>' }, 'offline', 'failed to answer (502)'],
    [new TypeError('Failed to fetch'), 'offline', 'does not answer']
  ] as [Answer, string, string][])('says what is wrong after %j', async (answer, state, words) => {
    const { model } = start(() => answer);
    await model.ready;
    expect(model.connection.state).toBe(state);
    expect(model.connection.sentence).toContain(words);
  });

  it('hears from any request that the server is away, looks for it, and lets all views ask again', async () => {
    let isAway = false;
    const { model, news } = start(since =>
      isAway ? new TypeError('gone') : reply({ revision: 10, reset: since === null })
    );
    await model.ready;
    isAway = true;
    await expect(model.trackingApi.settings.fetch('http://localhost/a%40b/x')).rejects.toThrow();
    expect(news).toHaveLength(1);
    await vi.waitFor(() => expect(model.connection.state).toBe('offline'));
    isAway = false;
    await vi.waitFor(() => expect(model.connection.state).toBe('ok'), { timeout: 10_000 });
    expect(news.at(-1)?.reset).toBe(true);
  }, 15_000);

  it('takes a request that was given up for no sign of the server', async () => {
    const { model, asked } = start(() => reply({ revision: 10, reset: true }));
    await model.ready;
    const abort = new AbortController();
    abort.abort();
    await expect(model.trackingApi.run('r1', abort.signal)).rejects.toThrow();
    await model.refresh();
    expect(asked()).toBe(2);
    expect(model.connection.state).toBe('ok');
  });

  it('keeps what it knows while the server is away, and is well again after', async () => {
    let isAway = false;
    const { model } = start(() =>
      isAway ? new TypeError('gone') : reply({ revision: 10, reset: true, jobs: [makeJob()] })
    );
    await model.ready;
    isAway = true;
    await model.refresh();
    expect(model.connection.state).toBe('offline');
    expect(model.jobs.size).toBe(1);
    isAway = false;
    await model.refresh();
    expect(model.connection).toEqual({ state: 'ok', sentence: '' });
  });

  it('fetches a job that is not among the newest, once', async () => {
    const { model, seen } = start((_, { path }) =>
      path === 'api/v1/jobs/old'
        ? { body: makeJob({ job_id: 'old', revision: 3 }) }
        : reply({ revision: 10, reset: true })
    );
    await model.ready;
    expect((await model.fetchJob('old')).job_id).toBe('old');
    await model.fetchJob('old');
    expect(seen.filter(({ path }) => path === 'api/v1/jobs/old')).toHaveLength(1);
  });

  it('never takes an older state of a job for the present one', async () => {
    const { model } = start(() =>
      reply({
        revision: 10,
        reset: true,
        jobs: [makeJob({ revision: 10, state: 'CANCELED', ended_at: 3000 })]
      })
    );
    await model.ready;
    model.merge(makeJob({ revision: 9 }));
    expect(model.jobs.get('j1')?.state).toBe('CANCELED');
  });

  it('reads numbers that JSON cannot carry', async () => {
    const metrics = { loss: { value: 'nan' as unknown as number, step: 1, timestamp: 0 } };
    const { model } = start(() =>
      reply({ revision: 1, reset: true, jobs: [makeJob({ metrics })] })
    );
    await model.ready;
    expect(model.jobs.get('j1')?.metrics.loss.value).toBeNaN();
  });
});
