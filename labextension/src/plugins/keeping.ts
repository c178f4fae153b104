import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { CommandIDs } from '../commands';
import { act } from '../components/notices';
import { catchUp } from '../models/kfp';
import { ITracksideModel } from '../tokens';
import { RECURRING_ARGS, Target } from './target';

/** Who starts the runs of what recurs: the cluster, or this server. */
export const keepingPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:keeping',
  description: 'Adds the commands that have the cluster start what recurs, or this server again.',
  autoStart: true,
  requires: [ITracksideModel],
  activate: (app: JupyterFrontEnd, tracks: ITracksideModel): void => {
    const { commands } = app;
    const { trans, recurringApi } = tracks;
    const target = new Target(app, tracks);
    const idOf = target.recurringId.bind(target);
    const isEnabled = (args: ReadonlyPartialJSONObject): boolean => idOf(args) !== undefined;
    const change = (id: string, task: () => Promise<unknown>): Promise<boolean> =>
      act({ trans, refresh: () => catchUp(tracks, id) }, task);

    commands.addCommand(CommandIDs.keepOnCluster, {
      isEnabled,
      describedBy: { args: RECURRING_ARGS },
      label: trans.__('Keep on the Cluster'),
      caption: trans.__('Have the cluster start its runs, also while this Jupyter server is away'),
      execute: async args => {
        const id = idOf(args)!;
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
      label: args =>
        args.leave
          ? trans.__('Take Back Without the Cluster…')
          : trans.__('Take Back from the Cluster'),
      caption: args =>
        args.leave
          ? trans.__(
              'Have this Jupyter server start its runs again, where the cluster is gone for good'
            )
          : trans.__('Have this Jupyter server start its runs again'),
      describedBy: {
        args: {
          ...RECURRING_ARGS,
          properties: {
            ...RECURRING_ARGS.properties,
            leave: {
              type: 'boolean',
              description: 'Whether the cluster is not asked, because it will never answer again.'
            }
          }
        }
      },
      execute: async args => {
        const id = idOf(args)!;
        const isLeft = args.leave === true;
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
};
