import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { afterEach, expect, test, vi } from 'vitest';

import { CommandIDs } from '../../commands';
import type { ITracksideModel } from '../../tokens';
import { recurringPlugin } from '../recurring';

afterEach(() => vi.restoreAllMocks());

/** The runs of a notebook, with the experiment of each that is still there. */
function open(runs: Record<string, string | null>) {
  const commands = new CommandRegistry();
  const shown = vi.fn();
  commands.addCommand(CommandIDs.openExperiment, { execute: shown });
  const tracks = {
    trans: nullTranslator.load('trackside'),
    recurringApi: {
      get: async () => ({
        kind: 'job',
        name: 'nightly',
        moments: [{ run_id: '' }, ...Object.keys(runs).map(run_id => ({ run_id }))]
      })
    },
    trackingApi: {
      run: async (id: string) => {
        if (runs[id] === null) {
          throw new Error('It was deleted.');
        }
        return { info: { experiment_id: runs[id] } };
      }
    }
  } as unknown as ITracksideModel;
  void recurringPlugin.activate({ commands } as unknown as JupyterFrontEnd, tracks, null);
  const error = vi.spyOn(Notification, 'error').mockReturnValue('');
  const info = vi.spyOn(Notification, 'info').mockReturnValue('');
  const opened = commands.execute(CommandIDs.openRecurringRuns, { recurring_run: 'r' });
  return { opened, shown, error, info };
}

test('the runs of what recurs are opened in all their experiments, also where the last was deleted', async () => {
  const { opened, shown, error } = open({ a: null, b: '2', c: '1', d: '2' });
  await opened;
  expect(shown.mock.calls[0][0]).toMatchObject({
    experiment_ids: ['2', '1'],
    filter: "tags.`trackside.recurring_run` = 'r'"
  });
  expect(error).not.toHaveBeenCalled();
});

test('that there are no runs to open is said', async () => {
  const none = open({});
  await none.opened;
  expect(none.info).toHaveBeenCalledExactlyOnceWith('nightly has not run yet.', expect.anything());
  vi.restoreAllMocks();
  const gone = open({ a: null });
  await gone.opened;
  expect(gone.error).toHaveBeenCalledExactlyOnceWith('It was deleted.', expect.anything());
  expect([none.shown, gone.shown].every(shown => shown.mock.calls.length === 0)).toBe(true);
});

test.each([
  [{ kind: 'job', id: 'j', state: 'FAILED' }, CommandIDs.openRun],
  [{ kind: 'pipeline_run', id: 'r', state: 'SUCCEEDED' }, CommandIDs.openPipelineRun],
  [{ kind: 'job', id: 'j', state: null }, 'The last run of nightly was deleted.'],
  [null, 'nightly has not run yet.']
])('the last run is opened, or it is said why not (%j)', async (last_run, expected) => {
  const commands = new CommandRegistry();
  const opened: string[] = [];
  for (const id of [CommandIDs.openRun, CommandIDs.openPipelineRun]) {
    commands.addCommand(id, { execute: () => opened.push(id) });
  }
  const tracks = {
    trans: nullTranslator.load('trackside'),
    recurringApi: { get: async () => ({ name: 'nightly', last_run }) },
    fetchJob: async (job_id: string) => ({ job_id, run_id: 'm', name: 'nightly-1' })
  } as unknown as ITracksideModel;
  void recurringPlugin.activate({ commands } as unknown as JupyterFrontEnd, tracks, null);
  vi.spyOn(Notification, 'info').mockImplementation(text => {
    opened.push(text);
    return '';
  });
  await commands.execute(CommandIDs.openLastRun, { recurring_run: 'c' });
  expect(opened).toEqual([expected]);
});
