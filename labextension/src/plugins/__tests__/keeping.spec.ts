import type { JupyterFrontEnd } from '@jupyterlab/application';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { expect, test, vi } from 'vitest';

import { CommandIDs } from '../../commands';
import type { ITracksideModel } from '../../tokens';
import { keepingPlugin } from '../keeping';

test.each([
  ['.jp-mod-accept', [['c', true]]],
  ['.jp-mod-reject', []]
])(
  'what a cluster keeps is taken back without asking it only where that is meant (%s)',
  async (button, expected) => {
    const commands = new CommandRegistry();
    const takeBack = vi.fn(async () => undefined);
    const tracks = {
      trans: nullTranslator.load('trackside'),
      recurringApi: { get: async () => ({ name: 'nightly' }), takeBack },
      refresh: async () => undefined
    } as unknown as ITracksideModel;
    void keepingPlugin.activate({ commands } as unknown as JupyterFrontEnd, tracks);
    const done = commands.execute(CommandIDs.takeFromCluster, { recurring_run: 'c', leave: true });
    await vi.waitFor(() => expect(document.querySelector(button)).not.toBeNull());
    expect(document.body.textContent).toContain('Take nightly back without asking the cluster?');
    document.querySelector<HTMLElement>(button)!.click();
    await done;
    expect(takeBack.mock.calls).toEqual(expected);
  }
);
