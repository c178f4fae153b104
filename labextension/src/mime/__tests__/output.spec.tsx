import { MimeModel, RenderMimeRegistry } from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { makeChanges, makeJob, makeRun } from '../../__tests__/builders';
import { Events, serveWith, type Answer } from '../../__tests__/server';
import type { IChanges } from '../../api/types';
import { TracksideModel } from '../../models/model';
import { growCurves } from '../details';
import { MIME_TYPE } from '../mimetype';
import { identityOf, readOutput } from '../output';
import { TracksideOutput } from '../renderer';

describe('what an output holds', () => {
  it('is not taken for granted', () => {
    expect(readOutput(undefined)).toEqual({ kind: 'unknown' });
    expect(readOutput(['x'])).toEqual({ kind: 'unknown' });
    expect(readOutput({ kind: 'job', job_id: 7 })).toEqual({ kind: 'unknown' });
    expect(readOutput({ kind: 'jobs', job_ids: ['a', 3, ''] })).toEqual({
      kind: 'jobs',
      jobIds: ['a']
    });
  });

  it('names a pipeline run', () => {
    const output = readOutput({ kind: 'pipeline_run', run_id: 'r1', name: 7 });
    expect(output).toEqual({ kind: 'pipeline_run', runId: 'r1', name: '' });
    expect(identityOf(output)).toBe('pipeline_run:r1');
    expect(readOutput({ kind: 'pipeline_run' })).toEqual({ kind: 'unknown' });
  });

  it('names runs, an experiment, a model', () => {
    expect(readOutput({ kind: 'runs', run_ids: ['a', 3, ''] })).toEqual({
      kind: 'runs',
      runIds: ['a']
    });
    expect(readOutput({ kind: 'experiment', experiment_id: '1', filter: {} })).toEqual({
      kind: 'experiment',
      experimentId: '1',
      name: '',
      filter: ''
    });
    expect(readOutput({ kind: 'experiment', name: 'digits' })).toEqual({ kind: 'unknown' });
    expect(readOutput({ kind: 'model', name: 'clf' })).toEqual({ kind: 'model', name: 'clf' });
    const many = Array.from({ length: 10_000 }, (_, at) => `r${at}`);
    expect(readOutput({ kind: 'runs', run_ids: many })).toMatchObject({
      runIds: many.slice(0, 500)
    });
  });

  it('is the same view as long as the ids are the same', () => {
    const first = readOutput({ kind: 'job', job_id: 'j1', name: 'a' });
    const second = readOutput({ kind: 'job', job_id: 'j1', name: 'b', run_id: 'r' });
    expect(identityOf(first)).toBe(identityOf(second));
    expect(identityOf(first)).not.toBe(identityOf(readOutput({ kind: 'run', run_id: 'j1' })));
  });
});

describe('small curves of metrics', () => {
  it('grow with the job and stay small', () => {
    let curves: Record<string, readonly number[]> = {};
    let job = makeJob();
    for (let step = 0; step < 500; step++) {
      const next = makeJob({ metrics: { acc: { value: step, step, timestamp: step } } });
      curves = growCurves(curves, job, next);
      job = next;
    }
    expect(curves.acc.length).toBeLessThanOrEqual(80);
    expect(curves.acc[curves.acc.length - 1]).toBe(499);
  });
});

let changes: IChanges;
let jobAnswer: Answer;
let events: Events;
let model: TracksideModel;
let output: TracksideOutput;

function bundle(html = '<b>kept</b>', ids: object = { kind: 'job', job_id: 'j1', run_id: 'r1' }) {
  return new MimeModel({ data: { [MIME_TYPE]: ids as never, 'text/html': html } });
}

beforeEach(() => {
  events = new Events();
  changes = makeChanges({
    revision: 1,
    reset: true,
    jobs: [makeJob({ job_id: 'j1', name: 'digits-7' })]
  });
  jobAnswer = { status: 404, body: { message: 'There is no such job.', code: 'GONE' } };
  const { settings } = serveWith(({ path }) => {
    if (path.endsWith('/changes')) {
      return { body: changes };
    }
    if (path.endsWith('/info')) {
      return { body: { version: '0.1.0', runners: [] } };
    }
    if (path.includes('/jobs/')) {
      return jobAnswer;
    }
    return { body: { run: { info: makeRun('r1').info } } };
  });
  model = new TracksideModel({
    serverSettings: settings,
    events: events.manager,
    trans: nullTranslator.load('trackside')
  });
  output = new TracksideOutput({
    model,
    commands: new CommandRegistry(),
    rendermime: new RenderMimeRegistry(),
    sanitizer: { sanitize: html => html.replace(/<script.*?<\/script>/g, '') }
  });
  Widget.attach(output, document.body);
});

afterEach(() => {
  output.dispose();
  model.dispose();
});

const card = () => output.node.querySelector('[data-trackside-job]');

describe('the output of a job', () => {
  it('is drawn from the server and moves with it', async () => {
    await output.renderModel(bundle());
    await expect.poll(() => card()?.textContent).toContain('digits-7');
    changes = makeChanges({
      revision: 2,
      jobs: [makeJob({ job_id: 'j1', name: 'digits-7', state: 'SUCCEEDED', revision: 2 })]
    });
    await model.refresh();
    await expect.poll(() => card()?.textContent).toContain('Succeeded');
  });

  it('stays the same element when the kernel renews its fallback', async () => {
    await output.renderModel(bundle());
    await expect.poll(() => card()).not.toBeNull();
    const before = card();
    await output.renderModel(bundle('<b>newer</b>'));
    expect(card()).toBe(before);
  });

  it('shows what the notebook kept when the server has no such job any more', async () => {
    changes = makeChanges({ revision: 1, reset: true });
    await output.renderModel(bundle('<b>kept</b><script>window.hacked = 1</script>'));
    await expect.poll(() => output.node.textContent).toContain('no longer on the server');
    expect(output.node.querySelector('b')!.textContent).toBe('kept');
    expect(output.node.querySelector('script')).toBeNull();
  });

  it('comes back by itself after the server was away', async () => {
    changes = makeChanges({ revision: 1, reset: true });
    jobAnswer = new Error('the network is down');
    await output.renderModel(bundle());
    await expect.poll(() => output.node.textContent).toContain('does not answer');
    jobAnswer = { body: makeJob({ job_id: 'j1', name: 'digits-7' }) };
    changes = makeChanges({ revision: 2, reset: true });
    await model.refresh();
    await expect.poll(() => card()?.textContent ?? '').toContain('digits-7');
  });

  it('of a kind that is unknown is what the notebook kept', async () => {
    await output.renderModel(bundle('<b>kept</b>', { kind: 'hologram' }));
    await expect.poll(() => output.node.querySelector('b')?.textContent).toBe('kept');
  });
});
