import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { expect, test, vi } from 'vitest';

import { CommandIDs } from '../../commands';
import type { ITracksideModel } from '../../tokens';
import { pipelineLaunchPlugin } from '../pipelinelaunch';
import { recurringPlugin } from '../recurring';

vi.mock('../../pipelines/launch/open', () => {
  throw new Error('There is nobody to give it.');
});

test.each([
  [CommandIDs.runPipeline, { pipeline: 'p' }],
  [CommandIDs.clonePipelineRun, { pipeline_run: 'r' }],
  [CommandIDs.runPipelineFile, { path: 'a.yaml' }],
  [CommandIDs.editRecurringRun, { recurring_run: 'c' }]
])('that the code of a form does not come is said (%s)', async (command, args) => {
  const commands = new CommandRegistry();
  const app = { commands, serviceManager: {} } as unknown as JupyterFrontEnd;
  const tracks = {
    trans: nullTranslator.load('trackside'),
    recurringApi: { get: async () => ({ kind: 'pipeline' }) }
  } as unknown as ITracksideModel;
  void pipelineLaunchPlugin.activate(app, tracks, null, null, null);
  void recurringPlugin.activate(app, tracks, null);
  const told = vi.spyOn(Notification, 'error').mockReturnValue('');
  await commands.execute(command, args);
  expect(told).toHaveBeenCalledOnce();
  told.mockRestore();
});
