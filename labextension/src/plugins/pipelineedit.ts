import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { InputDialog } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { fileUploadIcon } from '@jupyterlab/ui-components';

import { CommandIDs, DATA_PIPELINE } from '../commands';
import { attempt } from '../components/notices';
import { catchUp } from '../models/kfp';
import { ITracksideModel } from '../tokens';
import { PipelineFiles } from './pipelinefiles';
import { Target } from './target';

/** What changes pipelines that were uploaded. */
export const pipelineEditPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:pipeline-editing',
  description: 'Adds the command that uploads a version of a pipeline.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [IFileBrowserFactory],
  activate: (
    app: JupyterFrontEnd,
    tracks: ITracksideModel,
    fileBrowsers: IFileBrowserFactory | null
  ): void => {
    const { commands, serviceManager } = app;
    const { trans, pipelinesApi } = tracks;
    const target = new Target(app, tracks);
    const files = new PipelineFiles(fileBrowsers);

    commands.addCommand(CommandIDs.uploadPipelineVersion, {
      label: trans.__('Upload Version…'),
      caption: trans.__('Upload a compiled pipeline as a new version of this one'),
      icon: fileUploadIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            pipeline: {
              type: 'string',
              description: 'The id of the pipeline; the one under the menu if absent.'
            },
            path: { type: 'string', description: 'The file; asked for if absent.' },
            name: { type: 'string', description: 'How it is called; asked for if absent.' }
          }
        }
      },
      isEnabled: args => target.named(args.pipeline, DATA_PIPELINE) !== undefined,
      execute: async args => {
        const id = target.named(args.pipeline, DATA_PIPELINE)!;
        await attempt(trans, async () => {
          const path = await files.meant(
            args,
            trans.__('The compiled pipeline of the new version')
          );
          if (!path) {
            return;
          }
          const [pipeline, { total }] = await Promise.all([
            pipelinesApi.pipeline(id),
            pipelinesApi.versions(id, { page_size: 1 })
          ]);
          const name =
            typeof args.name === 'string'
              ? args.name
              : await askName(pipeline.name, trans.__('version %1', (total ?? 0) + 1));
          if (!name) {
            return;
          }
          const { openFile } = await import('../pipelines/launch/open');
          const file = await openFile(serviceManager.contents, path);
          const version = await pipelinesApi.uploadVersion(file, { name, pipelineid: id });
          await catchUp(tracks, id);
          await commands.execute(CommandIDs.openPipeline, {
            pipeline: id,
            name: pipeline.name,
            version: version.version_id
          });
        });
      }
    });

    async function askName(pipeline: string, suggested: string): Promise<string | null> {
      const { value } = await InputDialog.getText({
        title: trans.__('New version of %1', pipeline),
        label: trans.__('Name'),
        text: suggested,
        okLabel: trans.__('Upload'),
        cancelLabel: trans.__('Cancel')
      });
      return value?.trim() || null;
    }
  }
};
