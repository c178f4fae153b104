import type { Contents } from '@jupyterlab/services';

import { placeOf } from '../../api/pipelineplace';
import type { IRecurringRun, IRunRecord, ISpec } from '../../api/pipelinerecords';
import { nameOf } from '../../api/pipelinereading';
import type { ITracksideModel } from '../../tokens';
import { openRunDialog } from './dialog';

/** How many versions one can choose from. */
const VERSIONS = 100;

type Started = IRunRecord | IRecurringRun | null;

/** Run a pipeline that was uploaded; its newest version, unless told. */
export async function runUploaded(
  tracks: ITracksideModel,
  pipelineId: string,
  versionId?: string
): Promise<Started> {
  const { pipelinesApi, trans } = tracks;
  const [pipeline, { items }] = await Promise.all([
    pipelinesApi.pipeline(pipelineId),
    pipelinesApi.versions(pipelineId, { sort_by: 'created_at desc', page_size: VERSIONS })
  ]);
  const wanted =
    versionId === undefined
      ? items[0]
      : (items.find(({ version_id }) => version_id === versionId) ??
        (await pipelinesApi.version(pipelineId, versionId)));
  if (!wanted?.spec) {
    throw new Error(trans.__('Pipeline %1 has no version that could be run.', pipeline.name));
  }
  const versions = [wanted, ...items.filter(one => one.version_id !== wanted.version_id)];
  const place = placeOf(pipelineId);
  return openRunDialog({ tracks, place, title: pipeline.name, spec: wanted.spec, versions });
}

/** Run again what was run, with other arguments. */
export async function runOnceMore(tracks: ITracksideModel, runId: string): Promise<Started> {
  const { pipelinesApi, trackingApi, trans } = tracks;
  const run = await pipelinesApi.run(runId);
  const version = run.version_id
    ? await pipelinesApi.version(run.pipeline_id, run.version_id).catch(() => null)
    : null;
  const spec = run.spec ?? version?.spec;
  if (!spec) {
    throw new Error(trans.__('What %1 ran is no longer there.', run.name));
  }
  const place = placeOf(runId);
  const { experiment_id: id } = run;
  const experiment = id
    ? await (place === 'here' ? trackingApi : pipelinesApi).experiment(id).catch(() => null)
    : null;
  return openRunDialog({
    tracks,
    place,
    title: run.name,
    spec,
    versions: version?.spec ? [version] : undefined,
    values: run.arguments,
    form: {
      name: run.name,
      useCache: run.cached !== false,
      ...(experiment && { experiment: experiment.name })
    }
  });
}

/** Run the compiled pipeline of a file. */
export async function runFile(
  tracks: ITracksideModel,
  contents: Contents.IManager,
  path: string
): Promise<Started> {
  const spec = await readFile(tracks, contents, path);
  const name = path.split('/').pop() ?? path;
  return openRunDialog({ tracks, title: nameOf(spec) || name, spec });
}

/** What a file of the file browser holds. */
export async function readFile(
  tracks: ITracksideModel,
  contents: Contents.IManager,
  path: string
): Promise<ISpec> {
  const { content } = await contents.get(path, { type: 'file', format: 'base64', content: true });
  const bytes = Uint8Array.from(atob(String(content).replace(/\s/g, '')), one => one.charCodeAt(0));
  return tracks.pipelinesApi.read(new File([bytes], path.split('/').pop() ?? path));
}
