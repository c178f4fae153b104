/**
 * Trackside's front end: small plugins around one model.
 *
 * `trackside:plugin` provides {@link ITracksideModel}; all others only listen to it and send commands.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { againPlugin } from './plugins/again';
import { bulkPlugin } from './plugins/bulk';
import { comparePlugin } from './plugins/compare';
import { documentPlugins } from './plugins/document';
import { experimentPlugins } from './plugins/experiment';
import { importsPlugin } from './plugins/imports';
import { jobsPlugin } from './plugins/jobs';
import { keepingPlugin } from './plugins/keeping';
import { launchPlugin } from './plugins/launch';
import { linksPlugin } from './plugins/links';
import { mimePlugins } from './plugins/mime';
import { modelPlugin } from './plugins/model';
import { modelsPlugin } from './plugins/models';
import { notifyPlugin } from './plugins/notify';
import { panelPlugin } from './plugins/panel';
import { pipelineDocumentPlugins } from './plugins/pipelinedocuments';
import { pipelineEditPlugin } from './plugins/pipelineedit';
import { pipelineLaunchPlugin } from './plugins/pipelinelaunch';
import { pipelinesPlugin } from './plugins/pipelines';
import { recurringPlugin } from './plugins/recurring';
import { pipelineRunPlugin } from './plugins/pipelinerun';
import { sendToKubeflowPlugin } from './plugins/sendtokubeflow';
import { runsPlugin } from './plugins/runs';
import { statusPlugin } from './plugins/status';
import { tensorboardPlugin } from './plugins/tensorboard';
import { trashPlugins } from './plugins/trash';

export * from './tokens';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  modelPlugin as JupyterFrontEndPlugin<unknown>,
  launchPlugin,
  importsPlugin,
  panelPlugin,
  jobsPlugin,
  runsPlugin,
  bulkPlugin,
  modelsPlugin,
  pipelinesPlugin,
  pipelineEditPlugin,
  recurringPlugin,
  keepingPlugin,
  pipelineLaunchPlugin,
  ...pipelineDocumentPlugins,
  pipelineRunPlugin,
  sendToKubeflowPlugin,
  againPlugin,
  tensorboardPlugin,
  ...trashPlugins,
  statusPlugin,
  notifyPlugin,
  linksPlugin,
  ...mimePlugins,
  comparePlugin,
  ...documentPlugins,
  ...experimentPlugins
];

export default plugins;
