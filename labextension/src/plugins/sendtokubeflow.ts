import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { fileUploadIcon } from '@jupyterlab/ui-components';

import { placeOf } from '../api/pipelineplace';
import { CommandIDs, DATA_PIPELINE, DATA_PIPELINE_RUN } from '../commands';
import { attempt } from '../components/notices';
import type { ISentPipeline } from '../pipelines/send/open';
import { ITracksideModel } from '../tokens';
import { PipelineFiles } from './pipelinefiles';
import { Target, text } from './target';

/** Sends compiled pipelines to the server of Kubeflow Pipelines, where there is one. */
export const sendToKubeflowPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:send-to-kubeflow',
  description: 'Adds the form that sends a compiled pipeline to a server of Kubeflow Pipelines.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [IFileBrowserFactory, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    tracks: ITracksideModel,
    fileBrowsers: IFileBrowserFactory | null,
    palette: ICommandPalette | null
  ): void => {
    const { commands, serviceManager } = app;
    const { trans, kfp } = tracks;
    const target = new Target(app, tracks);
    const files = new PipelineFiles(fileBrowsers);
    type Args = Record<string, unknown>;
    const isFile = ({ isMenu }: Args): boolean => isMenu === true;
    const named = (given: unknown, attribute: string, args: Args): string | undefined =>
      text(given) ?? (isFile(args) || args.ask ? undefined : target.underMenu(attribute));

    const tell = (sent: ISentPipeline): void => {
      const { name, run_id: run, pipeline_id: pipeline, url } = sent;
      const { host } = kfp.status;
      Notification.success(
        run
          ? trans.__('%1 was sent to %2 and runs there.', name, host)
          : trans.__('%1 was sent to %2.', name, host),
        {
          autoClose: 10_000,
          actions: [
            {
              label: trans.__('Show'),
              callback: () =>
                void (run
                  ? commands.execute(CommandIDs.openPipelineRun, { run_id: run, name })
                  : commands.execute(CommandIDs.openPipeline, { pipeline, name }))
            },
            ...(url
              ? [
                  {
                    label: trans.__('Open in KFP'),
                    callback: () => void window.open(url, '_blank', 'noopener')
                  }
                ]
              : [])
          ]
        }
      );
    };

    commands.addCommand(CommandIDs.sendToKubeflow, {
      label: args =>
        args.ask ? trans.__('Send a Pipeline File to Kubeflow…') : trans.__('Send to Kubeflow…'),
      caption: trans.__(
        'Upload the compiled pipeline to the KFP server as it is, and run it there'
      ),
      icon: fileUploadIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            pipeline: {
              type: 'string',
              description: 'The id of the pipeline; the one under the menu if absent.'
            },
            version: {
              type: 'string',
              description: 'The id of the version; the newest if absent.'
            },
            pipeline_run: {
              type: 'string',
              description: 'The id of the pipeline run whose pipeline is sent.'
            },
            path: { type: 'string', description: 'The file; asked for if nothing is named.' },
            ask: {
              type: 'boolean',
              description: 'Whether a file is asked for, whatever a menu was opened on.'
            },
            isMenu: {
              type: 'boolean',
              description: 'Whether the file that is selected in the file browser is meant.'
            }
          }
        }
      },
      isVisible: args => {
        const id =
          named(args.pipeline, DATA_PIPELINE, args) ??
          named(args.pipeline_run, DATA_PIPELINE_RUN, args);
        const isHere = id === undefined || placeOf(id) === 'here';
        return kfp.status.configured && isHere && (!isFile(args) || files.selected.length === 1);
      },
      execute: async args => {
        const run = named(args.pipeline_run, DATA_PIPELINE_RUN, args);
        const pipeline = named(args.pipeline, DATA_PIPELINE, args);
        const sent = await attempt(trans, async () => {
          const { sendFile, sendRun, sendUploaded } = await import('../pipelines/send/open');
          if (run !== undefined) {
            return sendRun(tracks, run);
          }
          if (pipeline !== undefined) {
            return sendUploaded(tracks, pipeline, text(args.version));
          }
          const path = await files.meant(args, trans.__('Send a compiled pipeline'));
          return path ? sendFile(tracks, serviceManager.contents, path) : null;
        });
        if (sent) {
          kfp.tell();
          tell(sent);
        }
      }
    });
    palette?.addItem({
      command: CommandIDs.sendToKubeflow,
      args: { ask: true },
      category: trans.__('Trackside')
    });
    kfp.changed.connect(() => commands.notifyCommandChanged(CommandIDs.sendToKubeflow));
  }
};
