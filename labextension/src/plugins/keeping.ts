import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

import { CommandIDs } from '../commands';
import { act } from '../components/notices';
import type { ITracksideModel } from '../tokens';

type Args = Record<string, unknown>;

/** What the commands need to know that have a cluster start what recurs. */
export interface IKeepingOptions {
  commands: CommandRegistry;
  tracks: ITracksideModel;
  /** The schema of what says which one is meant. */
  args: ReadonlyJSONObject & { properties: ReadonlyJSONObject };
  idOf: (args: Args) => string | undefined;
  /** Have every view catch up with one. */
  refresh: (id: string) => Promise<unknown>;
}

/** Add the commands that have the cluster start the runs of what recurs, or this server again. */
export function addKeeping({ commands, tracks, args, idOf, refresh }: IKeepingOptions): void {
  const { trans, recurringApi } = tracks;
  const isEnabled = (given: Args): boolean => idOf(given) !== undefined;
  const change = (id: string, task: () => Promise<unknown>): Promise<boolean> =>
    act({ trans, refresh: () => refresh(id) }, task);

  commands.addCommand(CommandIDs.keepOnCluster, {
    isEnabled,
    describedBy: { args },
    label: trans.__('Keep on the Cluster'),
    caption: trans.__('Have the cluster start its runs, also while this Jupyter server is away'),
    execute: async given => {
      const id = idOf(given)!;
      await change(id, async () => {
        const notes = await recurringApi.keepOnCluster(id);
        if (notes.length > 0) {
          Notification.info(notes.join(' '), { autoClose: 20_000 });
        }
      });
    }
  });

  commands.addCommand(CommandIDs.takeFromCluster, {
    isEnabled,
    label: given =>
      given.leave
        ? trans.__('Take Back Without the Cluster…')
        : trans.__('Take Back from the Cluster'),
    caption: given =>
      given.leave
        ? trans.__(
            'Have this Jupyter server start its runs again, where the cluster is gone for good'
          )
        : trans.__('Have this Jupyter server start its runs again'),
    describedBy: {
      args: {
        ...args,
        properties: {
          ...args.properties,
          leave: {
            type: 'boolean',
            description: 'Whether the cluster is not asked, because it will never answer again.'
          }
        }
      }
    },
    execute: async given => {
      const id = idOf(given)!;
      const isLeft = given.leave === true;
      await change(id, async () => {
        if (!isLeft || (await isGoneForGood((await recurringApi.get(id)).name))) {
          await recurringApi.takeBack(id, isLeft);
        }
      });
    }
  });

  async function isGoneForGood(name: string): Promise<boolean> {
    const { button } = await showDialog({
      title: trans.__('Take %1 back without asking the cluster?', name),
      body: trans.__(
        'Only where the cluster is gone for good: a CronJob that is still there goes on, and each run is started twice.'
      ),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.warnButton({ label: trans.__('Take Back') })
      ]
    });
    return button.accept;
  }
}
