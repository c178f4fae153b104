import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { afterEach, expect, test, vi } from 'vitest';

import { CommandIDs } from '../../commands';
import type { ITracksideModel } from '../../tokens';
import { pipelineRunPlugin } from '../pipelinerun';
import { pipelinesPlugin } from '../pipelines';

const HELD = 'kfp:held';

/** The commands about pipeline runs, one of which a KFP server does not touch; what is told, and to whom. */
function start() {
  const commands = new CommandRegistry();
  const app = { commands, contextMenuHitTest: () => undefined } as unknown as JupyterFrontEnd;
  const touch = async (id: string): Promise<void> => {
    if (id === HELD) {
      throw new Error('Not this one.');
    }
  };
  const tell = vi.fn();
  const tracks = {
    trans: nullTranslator.load('trackside'),
    kfp: { tell },
    pipelinesApi: { archive: touch, run: touch },
    pipelineRunsApi: { terminate: touch, retry: touch }
  } as unknown as ITracksideModel;
  void pipelinesPlugin.activate(app, tracks);
  void pipelineRunPlugin.activate(app, null, tracks, null, null);
  const error = vi.spyOn(Notification, 'error').mockReturnValue('');
  const info = vi.spyOn(Notification, 'info').mockReturnValue('');
  return { commands, tell, error, info };
}

afterEach(() => vi.restoreAllMocks());

test('runs that were put away are said to be, with a way back, and only if all of them were', async () => {
  const { commands, tell, error, info } = start();
  const archive = (...ids: string[]): Promise<boolean> =>
    commands.execute(CommandIDs.archivePipelineRuns, { pipeline_runs: ids });
  expect(await archive('kfp:1', HELD)).toBe(false);
  expect(error).toHaveBeenCalledExactlyOnceWith('Not this one.', expect.anything());
  expect(info).not.toHaveBeenCalled();
  // One of them was.
  expect(tell).toHaveBeenCalledTimes(1);
  expect(await archive('kfp:1')).toBe(true);
  expect(info).toHaveBeenCalledExactlyOnceWith('1 pipeline run is put away.', expect.anything());
});

test.each([CommandIDs.terminatePipelineRun, CommandIDs.retryPipelineRun])(
  'that a run could not be stopped or gone on with is said where nobody waits for it (%s)',
  async command => {
    const { commands, tell, error } = start();
    await commands.execute(command, { pipeline_run: 'kfp:1' });
    expect([error.mock.calls.length, tell.mock.calls.length]).toEqual([0, 1]);
    await commands.execute(command, { pipeline_run: HELD });
    expect(error).toHaveBeenCalledExactlyOnceWith('Not this one.', expect.anything());
  }
);

test('that what a run ran cannot be downloaded is said', async () => {
  const { commands, error } = start();
  await commands.execute(CommandIDs.downloadPipeline, { pipeline_run: HELD });
  expect(error).toHaveBeenCalledExactlyOnceWith('Not this one.', expect.anything());
});
