import type { ServerConnection } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { expect, test, vi } from 'vitest';

import { serveWith } from '../../__tests__/server';
import { toRecurring } from '../../api/pipelinereading';
import { PipelinesApi } from '../../api/pipelines';
import { RecurringApi } from '../../api/recurring';
import { english } from '../../shared/trans';
import type { ITracksideModel } from '../../tokens';
import { RunFormModel } from '../launch/model';
import { cloneName, editRecurringPipeline, runUploaded } from '../launch/open';
import { DIGITS } from './builders';

const VERSION = {
  pipeline_id: 'p1',
  version_id: 'v1',
  name: 'first',
  description: '',
  created_at: 0,
  source: '',
  spec: { pipeline: DIGITS }
};

const CRON = { cron_schedule: { cron: '0 0 6 * * *' } };

/** What a form asks of the server, with a cluster of this state beside it. */
function tracksOf(settings: ServerConnection.ISettings, state: string): ITracksideModel {
  return {
    trans: english,
    pipelinesApi: new PipelinesApi(settings),
    recurringApi: new RecurringApi(settings),
    trackingApi: { experiments: () => Promise.resolve([]) },
    jobsApi: { cluster: () => Promise.resolve({ state, namespace: 'team-a' }) },
    changed: new Signal({})
  } as unknown as ITracksideModel;
}

test.each([
  ['digits 2026-11-29', 'Clone of digits 2026-11-29'],
  ['Clone of digits', 'Clone (2) of digits'],
  ['Clone (9) of digits', 'Clone (10) of digits']
])('a clone of %s is called %s', (name, proposed) => {
  expect(cloneName(name)).toBe(proposed);
});

test.each([
  ['ok', 'team-a'],
  ['none', undefined]
])(
  'where the tasks of a run are carried out is chosen where there is a cluster, and kept without (%s)',
  async (state, namespace) => {
    const { settings, seen } = serveWith(() => ({ body: { run_id: 'r1' } }));
    const model = new RunFormModel({
      tracks: tracksOf(settings, state),
      title: 'digits',
      spec: VERSION.spec,
      values: { gate: '/tmp/gate' },
      form: { experiment: '', python: '/opt/python', on: 'cluster' }
    });
    await vi.waitFor(() => expect(model.cluster?.namespace).toBe(namespace));
    expect(model.form.on).toBe('cluster');
    await model.submit();
    model.setForm({ on: 'auto' });
    await model.submit();
    model.dispose();
    const told = seen.map(({ body }) => (body as Record<string, unknown>).trackside);
    expect(told).toEqual([{ python: '/opt/python', on: 'cluster' }, { python: '/opt/python' }]);
  }
);

test.each([true, false])(
  'a run of a version refers to it, whether or not the cache is used (%s)',
  async useCache => {
    const { settings, seen } = serveWith(() => ({ body: { run_id: 'r1' } }));
    const model = new RunFormModel({
      tracks: tracksOf(settings, 'none'),
      title: 'digits',
      spec: VERSION.spec,
      versions: [VERSION],
      values: { gate: '/tmp/gate' },
      form: { experiment: '', useCache }
    });
    expect(await model.submit()).toMatchObject({ run_id: 'r1' });
    model.dispose();
    const { pipeline_version_reference, pipeline_spec, trackside } = seen[0].body as Record<
      string,
      unknown
    >;
    expect(pipeline_version_reference).toEqual({ pipeline_id: 'p1', pipeline_version_id: 'v1' });
    expect(pipeline_spec).toBeUndefined();
    expect(trackside).toEqual(useCache ? undefined : { cached: false });
  }
);

test('what is said of a schedule is said of the one that stands in the form, whichever answer comes last', async () => {
  const late = new PromiseDelegate<void>();
  const { settings } = serveWith(async ({ query }) => {
    if (query.get('cron') === '@soon') {
      await late.promise;
      return { status: 400, body: { message: 'That is no schedule.' } };
    }
    return { body: { times: [1000] } };
  });
  const model = new RunFormModel({
    tracks: tracksOf(settings, 'none'),
    title: 'digits',
    spec: VERSION.spec,
    when: { when: 'cron', cron: '@soon' }
  });
  const ask = vi.spyOn(model.options.tracks.recurringApi, 'times');
  await vi.waitFor(() => expect(ask).toHaveBeenCalledTimes(1));
  model.when.set({ cron: '0 0 6 * * *' });
  await vi.waitFor(() => expect(model.when.times).toEqual([1000]));
  late.resolve();
  await Promise.allSettled(ask.mock.results.map(({ value }) => value as Promise<unknown>));
  expect(model.when.error).toBe('');
  model.dispose();
});

test('what recurs on a KFP server, which cannot change it, is there once after it was, or the attempt to', async () => {
  const there = new Set(['old']);
  let isHeld = true;
  const { settings } = serveWith(({ method, path }) => {
    const id = path.split('/').pop()!;
    if (method === 'GET') {
      return { body: { times: [] } };
    }
    if (method === 'POST') {
      there.add('new');
      return { body: { recurring_run_id: 'new' } };
    }
    if (method === 'DELETE' && id === 'old' && isHeld) {
      return { status: 409, body: { message: 'Busy.' } };
    }
    return there.delete(id) ? {} : { status: 404, body: { code: 5, message: 'Gone.' } };
  });
  const model = new RunFormModel({
    tracks: tracksOf(settings, 'none'),
    place: 'kfp',
    title: 'digits',
    spec: VERSION.spec,
    values: { gate: '/tmp/gate' },
    form: { experiment: '' },
    replaces: toRecurring({ recurring_run_id: 'old', trigger: CRON }, 'kfp')
  });
  expect(await model.submit()).toBeNull();
  expect(model.error).toContain('Busy.');
  expect([...there]).toEqual(['old']);
  isHeld = false;
  // Somebody else may have been there first.
  there.delete('old');
  const made = await model.submit();
  expect([model.error, model.when.error]).toEqual(['', '']);
  expect(made).toMatchObject({ recurring_id: 'kfp:new' });
  expect([...there]).toEqual(['new']);
  model.dispose();
});

test('what recurs here is changed in its place, with all that the form does not ask for', async () => {
  const { settings, seen } = serveWith(() => ({ body: { recurring_run_id: 'old', times: [] } }));
  const model = new RunFormModel({
    tracks: tracksOf(settings, 'none'),
    title: 'digits',
    spec: VERSION.spec,
    values: { gate: '/tmp/gate' },
    form: { experiment: '' },
    replaces: toRecurring({
      recurring_run_id: 'old',
      status: 'DISABLED',
      max_concurrency: '3',
      no_catchup: true,
      trigger: { cron_schedule: { ...CRON.cron_schedule, end_time: '2027-01-01T00:00:00.000Z' } },
      runtime_config: { pipeline_root: '/srv/artifacts' }
    })
  });
  model.when.set({ cron: '0 30 7 * * 1' });
  expect(await model.submit()).toMatchObject({ recurring_id: 'old' });
  model.dispose();
  const [sent] = seen.filter(({ method }) => method !== 'GET');
  expect([sent.method, sent.path]).toEqual(['PUT', 'api/v1/recurring/old']);
  expect(sent.body).not.toHaveProperty('mode');
  expect(sent.body).toMatchObject({
    max_concurrency: '3',
    no_catchup: true,
    trigger: { cron_schedule: { cron: '0 30 7 * * 1', end_time: '2027-01-01T00:00:00.000Z' } },
    runtime_config: { pipeline_root: '/srv/artifacts' }
  });
});

test('what nobody touched stays what it was: nothing, an empty text, and whether the cache is used', async () => {
  const { settings, seen } = serveWith(() => ({ body: { recurring_run_id: 'old', times: [] } }));
  const parameters = {
    seed: { parameterType: 'NUMBER_INTEGER', isOptional: true, defaultValue: 7 },
    prefix: { parameterType: 'STRING', isOptional: true },
    suffix: { parameterType: 'STRING', isOptional: true }
  };
  const spec = { pipeline: { root: { inputDefinitions: { parameters } } } };
  const open = (cached: boolean | undefined, useCache: boolean) =>
    new RunFormModel({
      tracks: tracksOf(settings, 'none'),
      title: 'digits',
      spec,
      values: { seed: null, prefix: '' },
      form: { experiment: '', useCache },
      replaces: toRecurring({ recurring_run_id: 'old', trigger: CRON, trackside: { cached } })
    });
  const sent = async (model: RunFormModel) => {
    await model.submit();
    model.dispose();
    const { body } = seen.filter(({ method }) => method === 'PUT').at(-1)!;
    return JSON.parse(JSON.stringify(body));
  };
  const untouched = open(true, true);
  expect([untouched.typed.get('seed'), untouched.isNone('seed')]).toEqual(['', true]);
  const first = await sent(untouched);
  expect(first.runtime_config.parameters).toEqual({ seed: null, prefix: '' });
  expect(first.trackside).toEqual({ cached: true });
  const typed = open(false, false);
  typed.type('seed', '8');
  typed.type('prefix', 'a');
  typed.setForm({ useCache: true });
  const second = await sent(typed);
  expect(second.runtime_config.parameters).toEqual({ seed: 8, prefix: 'a' });
  expect(second.trackside).toEqual({ cached: true });
  expect((await sent(open(undefined, true))).trackside).toBeUndefined();
  const asDefault = open(undefined, true);
  asDefault.type('seed', '8');
  asDefault.type('seed', '7');
  expect(asDefault.isNone('seed')).toBe(false);
  expect((await sent(asDefault)).runtime_config.parameters).toEqual({ seed: 7, prefix: '' });
});

test('another version is given what the one before was, where it takes the same', () => {
  const specOf = (parameterType: string) => ({
    pipeline: {
      root: {
        inputDefinitions: {
          parameters: {
            seed: { parameterType: 'NUMBER_INTEGER', defaultValue: 7 },
            rate: { parameterType, defaultValue: '1' }
          }
        }
      }
    }
  });
  const versions = [
    { ...VERSION, spec: specOf('STRING') },
    { ...VERSION, version_id: 'v2', spec: specOf('NUMBER_DOUBLE') }
  ];
  const { settings } = serveWith(() => ({ body: { times: [] } }));
  const model = new RunFormModel({
    tracks: tracksOf(settings, 'none'),
    title: 'digits',
    spec: versions[0].spec,
    versions,
    values: { seed: null, rate: '0.5' }
  });
  model.choose('v2');
  expect(model.values()).toEqual({ seed: null, rate: 0.5 });
  model.dispose();
});

test('the version in the place of one that is gone is shown, also where it is the only one', async () => {
  const { settings } = serveWith(({ path }) =>
    path.endsWith('/versions')
      ? { body: { pipeline_versions: [raw] } }
      : { status: 404, body: { code: 5, message: 'Gone.' } }
  );
  const raw = {
    pipeline_id: 'p1',
    pipeline_version_id: 'v1',
    display_name: 'first',
    pipeline_spec: DIGITS
  };
  const recurring = (version: string) =>
    toRecurring({
      recurring_run_id: 'old',
      trigger: CRON,
      pipeline_version_reference: { pipeline_id: 'p1', pipeline_version_id: version }
    });
  const edit = async (version: string): Promise<string[]> => {
    const tracks = tracksOf(settings, 'none');
    const done = editRecurringPipeline(
      { tracks, pythons: { known: [], usual: '' } },
      recurring(version)
    );
    await vi.waitFor(() => expect(document.querySelector('.jp-TracksideRunForm')).not.toBeNull());
    const labels = [...document.querySelectorAll('.jp-TracksideRunForm .jp-TracksideField > span')];
    document.querySelector<HTMLElement>('.jp-Dialog .jp-mod-reject')!.click();
    await done;
    return labels.map(({ textContent }) => textContent!);
  };
  expect(await edit('gone')).toContain('Version');
  expect(await edit('v1')).not.toContain('Version');
});

test('of a pipeline without versions none is asked for', async () => {
  const asked: string[] = [];
  const { settings } = serveWith(({ path }) => {
    asked.push(path);
    return {
      body: path.endsWith('/versions') ? {} : { pipeline_id: 'p1', display_name: 'digits' }
    };
  });
  const context = { tracks: tracksOf(settings, 'none'), pythons: { known: [], usual: '' } };
  await expect(runUploaded(context, 'p1')).rejects.toThrow('no version that could be run');
  expect(asked.filter(path => path.includes('/versions/'))).toEqual([]);
});
