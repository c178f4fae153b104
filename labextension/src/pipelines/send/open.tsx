import type { Contents } from '@jupyterlab/services';
import * as React from 'react';

import type { ISent } from '../../api/kfp';
import { nameOf } from '../../api/pipelinereading';
import { askForm } from '../../components/submitdialog';
import type { ITracksideModel } from '../../tokens';
import { readFile } from '../launch/open';
import { type ISendOptions, SendModel } from './model';
import { SendForm } from './SendForm';

/** What was sent: under which name, and what it became. */
export interface ISentPipeline extends ISent {
  name: string;
}

/** Send a version of a pipeline; the newest, unless told. */
export async function sendUploaded(
  tracks: ITracksideModel,
  pipelineId: string,
  versionId?: string
): Promise<ISentPipeline | null> {
  const { pipelinesApi, trans } = tracks;
  const [{ name }, version] = await Promise.all([
    pipelinesApi.pipeline(pipelineId),
    versionId === undefined
      ? pipelinesApi
          .versions(pipelineId, { sort_by: 'created_at desc', page_size: 1 })
          .then(({ items }) => items[0])
      : pipelinesApi.version(pipelineId, versionId)
  ]);
  if (!version?.spec) {
    throw new Error(trans.__('Pipeline %1 has no version that could be sent.', name));
  }
  const source = { pipeline_id: pipelineId, pipeline_version_id: version.version_id };
  return ask({ tracks, source, title: name, spec: version.spec });
}

/** Send what was run. */
export async function sendRun(
  tracks: ITracksideModel,
  runId: string
): Promise<ISentPipeline | null> {
  const { pipelinesApi, trans } = tracks;
  const run = await pipelinesApi.run(runId);
  const spec = await pipelinesApi.specOf(run);
  if (!spec) {
    throw new Error(trans.__('What %1 ran is no longer there.', run.name));
  }
  const title = run.pipeline || nameOf(spec) || run.name;
  return ask({ tracks, source: { run_id: runId }, title, spec, values: run.arguments });
}

/** Send the compiled pipeline of a file. */
export async function sendFile(
  tracks: ITracksideModel,
  contents: Contents.IManager,
  path: string
): Promise<ISentPipeline | null> {
  const spec = await readFile(tracks, contents, path);
  const title = nameOf(spec) || (path.split('/').pop() ?? path);
  return ask({ tracks, source: { path }, title, spec });
}

async function ask(options: ISendOptions): Promise<ISentPipeline | null> {
  const { trans, kfp } = options.tracks;
  const model = new SendModel(options);
  const answer = await askForm({
    trans,
    title: trans.__('Send %1 to %2', options.title, kfp.status.host),
    form: model,
    content: <SendForm model={model} />,
    accept: () => ({ label: trans.__('Send') }),
    focus: 'input'
  });
  return answer && { ...answer.outcome, name: model.nameThere };
}
