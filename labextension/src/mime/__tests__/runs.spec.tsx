import { MimeModel, RenderMimeRegistry } from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { makeChanges } from '../../__tests__/builders';
import { Events, serveWith } from '../../__tests__/server';
import type { IRawRun } from '../../api/tracking';
import type { IChanges } from '../../api/types';
import { CommandIDs } from '../../commands';
import { TracksideModel } from '../../models/model';
import { MIME_TYPE } from '../mimetype';
import { TracksideOutput } from '../renderer';

/** Runs as the server keeps them. */
let stored: IRawRun[];
let changes: IChanges;
let model: TracksideModel;
let output: TracksideOutput;
let searched: unknown[];
const open = vi.fn();
const compare = vi.fn();

function raw(id: string, loss: number, experiment = '1'): IRawRun {
  return {
    info: {
      run_id: id,
      run_name: `name-of-${id}`,
      experiment_id: experiment,
      status: 'FINISHED',
      start_time: 1000
    },
    data: {
      metrics: [{ key: 'loss', value: loss, timestamp: 0, step: 0 }],
      params: [{ key: 'lr', value: `0.${id.length}${loss}` }]
    }
  };
}

beforeEach(() => {
  // There is no layout here, and nothing to look at; everything is in view.
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      constructor(private readonly seen: (entries: object[]) => void) {}
      observe = () => this.seen([{ isIntersecting: true }]);
      disconnect = () => undefined;
    }
  );
  stored = [raw('r1', 0.1), raw('r2', 0.2)];
  searched = [];
  changes = makeChanges({ revision: 1, reset: true });
  const { settings } = serveWith(({ path, query, body }) => {
    if (path.endsWith('/changes')) {
      return { body: changes };
    }
    if (path.endsWith('/info')) {
      return { body: { version: '0.1.0', runners: [] } };
    }
    if (path.endsWith('/runs/get')) {
      const run = stored.find(({ info }) => info.run_id === query.get('run_id'));
      return run
        ? { body: { run } }
        : { status: 404, body: { message: 'No such run.', code: 'GONE' } };
    }
    if (path.endsWith('/runs/search')) {
      searched.push(body);
      return { body: { runs: stored } };
    }
    const run_id = 'r1';
    return {
      body: { metrics: [1, 2, 3].map(value => ({ key: 'loss', run_id, value, step: value })) }
    };
  });
  const commands = new CommandRegistry();
  commands.addCommand(CommandIDs.openRun, { execute: open });
  commands.addCommand(CommandIDs.compareRuns, { execute: compare });
  model = new TracksideModel({
    serverSettings: settings,
    events: new Events().manager,
    trans: nullTranslator.load('trackside')
  });
  output = new TracksideOutput({
    model,
    commands,
    rendermime: new RenderMimeRegistry(),
    sanitizer: { sanitize: html => html }
  });
  Widget.attach(output, document.body);
});

afterEach(() => {
  output.dispose();
  model.dispose();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

const rows = () => [...output.node.querySelectorAll<HTMLElement>('[data-trackside-run]')];
const show = (ids: object) =>
  output.renderModel(
    new MimeModel({ data: { [MIME_TYPE]: ids as never, 'text/html': '<b>kept</b>' } })
  );
const press = (row: HTMLElement, key: string, shiftKey = false) =>
  row.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true }));

describe('the output of several runs', () => {
  it('is one line a run in the order of the ids, with a curve, read by one question and a search', async () => {
    await show({ kind: 'runs', run_ids: ['r2', 'r1'] });
    await expect.poll(() => rows().map(row => row.dataset.tracksideRun)).toEqual(['r2', 'r1']);
    expect(rows()[1].textContent).toContain('name-of-r1');
    await expect.poll(() => rows()[1].querySelector('.jp-TracksideSpark')).not.toBeNull();
    expect(searched).toHaveLength(1);
    expect(searched[0]).toMatchObject({
      experiment_ids: ['1'],
      filter: "attributes.run_id IN ('r1')",
      run_view_type: 'ALL'
    });
  });

  it('moves with its runs, and reads only those that moved', async () => {
    await show({ kind: 'runs', run_ids: ['r2', 'r1'] });
    await expect.poll(() => rows()[1]?.textContent).toContain('0.1');
    searched = [];
    stored = [raw('r1', 0.05), raw('r2', 0.3)];
    const moved = { run_id: 'r1', experiment_id: '1', status: 'FINISHED', revision: 2 };
    changes = makeChanges({
      revision: 2,
      runs: [{ ...moved, lifecycle_stage: 'active' } as never]
    });
    await model.refresh();
    await expect.poll(() => rows()[1].textContent).toContain('0.05');
    expect(rows()[0].textContent).toContain('0.2');
    expect(searched).toEqual([]);
  });

  it('leaves out what is gone, and is what the notebook kept when nothing is left', async () => {
    await show({ kind: 'runs', run_ids: ['gone', 'r1'] });
    await expect.poll(() => rows().length).toBe(1);
    stored = [];
    await show({ kind: 'runs', run_ids: ['gone'] });
    await expect.poll(() => output.node.textContent).toContain('no longer on the server');
    expect(output.node.querySelector('b')!.textContent).toBe('kept');
  });

  it('is walked, selected and opened with the keyboard, and the selection can be compared', async () => {
    await show({ kind: 'runs', run_ids: ['r1', 'r2'] });
    await expect.poll(() => rows().length).toBe(2);
    expect(rows().map(row => row.tabIndex)).toEqual([0, -1]);
    press(rows()[0], ' ');
    press(rows()[0], 'ArrowDown');
    await expect.poll(() => document.activeElement).toBe(rows()[1]);
    press(rows()[1], ' ', true);
    await expect
      .poll(() => rows().map(row => row.getAttribute('aria-selected')))
      .toEqual(['true', 'true']);
    [...output.node.querySelectorAll('button')]
      .find(button => button.textContent === 'Compare')!
      .click();
    expect(compare).toHaveBeenCalledWith({ run_ids: ['r1', 'r2'] });
    press(rows()[1], 'Enter');
    expect(open).toHaveBeenCalledWith({ run_id: 'r2', name: 'name-of-r2' });
  });
});
