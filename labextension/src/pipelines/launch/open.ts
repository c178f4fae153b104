import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';

import { type PipelinePlace, placeOf } from '../../api/pipelineplace';
import type { IPipelineVersion, IRecurringRun, IRunRecord, ISpec } from '../../api/pipelinerecords';
import { nameOf } from '../../api/pipelinereading';
import type { IAnswer } from '../../components/submitdialog';
import { isGone } from '../../mime/live';
import type { ITracksideModel } from '../../tokens';
import { openRunDialog } from './dialog';
import { type IPythons, readPythons } from './pythons';

/** How many versions one can choose from. */
const VERSIONS = 100;

/** What a form is opened with. */
export interface IRunContext {
  tracks: ITracksideModel;
  pythons: IPythons;
}

/** What can be chosen from; what is in view is what it is launched from. */
export async function contextOf(
  app: JupyterFrontEnd,
  tracks: ITracksideModel,
  notebooks: INotebookTracker | null
): Promise<IRunContext> {
  const panel = notebooks?.currentWidget;
  const isInView = panel && panel === app.shell.currentWidget;
  const kernel = isInView ? panel.sessionContext.session?.kernel?.name : undefined;
  return { tracks, pythons: await readPythons(app.serviceManager.kernelspecs, kernel) };
}

/** What was started, or nothing where that was left. */
export type Started = IAnswer<IRunRecord | IRecurringRun> | null;

/** Run a pipeline that was uploaded; its newest version, unless told. */
export async function runUploaded(
  context: IRunContext,
  pipelineId: string,
  versionId?: string
): Promise<Started> {
  const { tracks } = context;
  const { pipelinesApi, trans } = tracks;
  const [pipeline, versions] = await Promise.all([
    pipelinesApi.pipeline(pipelineId),
    versionsOf(tracks, pipelineId, versionId ?? '')
  ]);
  const spec = versions[0]?.spec;
  if (!spec) {
    throw new Error(trans.__('Pipeline %1 has no version that could be run.', pipeline.name));
  }
  const place = placeOf(pipelineId);
  return openRunDialog({ ...context, place, title: pipeline.name, spec, versions });
}

/** Run again what was run, with other arguments. */
export async function runOnceMore(context: IRunContext, runId: string): Promise<Started> {
  const { tracks } = context;
  const { pipelinesApi, trans } = tracks;
  const run = await pipelinesApi.run(runId);
  const version = run.version_id
    ? await pipelinesApi.version(run.pipeline_id, run.version_id).catch(() => null)
    : null;
  const spec = run.spec ?? version?.spec;
  if (!spec) {
    throw new Error(trans.__('What %1 ran is no longer there.', run.name));
  }
  const place = placeOf(runId);
  const experiment = await experimentName(tracks, place, run.experiment_id);
  return openRunDialog({
    ...context,
    place,
    title: run.name,
    spec,
    versions: version?.spec ? [version] : undefined,
    values: run.arguments,
    form: {
      name: cloneName(run.name),
      python: run.python ?? '',
      on: run.on ?? 'auto',
      useCache: run.cached !== false,
      ...(experiment && { experiment })
    }
  });
}

/**
 * The name of a clone, as KFP's own page calls it. It is no word of this page but a name that is stored, and read by
 * whoever clones the clone; so it is the same in all languages.
 */
export function cloneName(name: string): string {
  const [, number = '1', of = ''] = /^Clone(?: \((\d+)\))? of (.+)$/.exec(name) ?? [];
  return of ? `Clone (${Number(number) + 1}) of ${of}` : `Clone of ${name}`;
}

/** Run the compiled pipeline of a file. */
export async function runFile(
  context: IRunContext,
  contents: Contents.IManager,
  path: string
): Promise<Started> {
  const spec = await readFile(context.tracks, contents, path);
  const name = path.split('/').pop() ?? path;
  return openRunDialog({ ...context, title: nameOf(spec) || name, spec });
}

/** What a file of the file browser holds. */
export async function readFile(
  tracks: ITracksideModel,
  contents: Contents.IManager,
  path: string
): Promise<ISpec> {
  return tracks.pipelinesApi.read(await openFile(contents, path));
}

/** A file of the file browser, to be sent. */
export async function openFile(contents: Contents.IManager, path: string): Promise<File> {
  const { content } = await contents.get(path, { type: 'file', format: 'base64', content: true });
  const bytes = Uint8Array.from(atob(String(content).replace(/\s/g, '')), one => one.charCodeAt(0));
  return new File([bytes], path.split('/').pop() ?? path);
}

/** Change a pipeline that recurs. */
export async function editRecurringPipeline(
  context: IRunContext,
  recurring: IRecurringRun
): Promise<Started> {
  const { tracks } = context;
  const { pipeline_id, version_id, spec: own } = recurring;
  const versions = own || !pipeline_id ? [] : await versionsOf(tracks, pipeline_id, version_id);
  const spec = own ?? versions[0]?.spec;
  if (!spec) {
    throw new Error(tracks.trans.__('What %1 runs is no longer there.', recurring.name));
  }
  const place = placeOf(recurring.recurring_id);
  const experiment = await experimentName(tracks, place, recurring.experiment_id);
  return openRunDialog({
    ...context,
    place,
    title: recurring.name,
    spec,
    versions: own ? undefined : versions,
    values: recurring.arguments,
    replaces: recurring,
    form: {
      name: recurring.name,
      python: recurring.python ?? '',
      on: recurring.on ?? 'auto',
      useCache: recurring.cached !== false,
      ...(experiment && { experiment })
    }
  });
}

/** The versions of a pipeline, the one that is run first: the newest, unless told. */
async function versionsOf(
  tracks: ITracksideModel,
  pipelineId: string,
  versionId: string
): Promise<IPipelineVersion[]> {
  const { pipelinesApi } = tracks;
  const { items } = await pipelinesApi.versions(pipelineId, {
    sort_by: 'created_at desc',
    page_size: VERSIONS
  });
  if (!items.length && !versionId) {
    return [];
  }
  const listed = items.find(({ version_id }) => !versionId || version_id === versionId);
  const wanted =
    listed ??
    (await pipelinesApi.version(pipelineId, versionId).catch(error => {
      if (isGone(error)) {
        // One that is there is chosen in its place.
        return items[0];
      }
      throw error;
    }));
  return wanted ? [wanted, ...items.filter(one => one.version_id !== wanted.version_id)] : [];
}

async function experimentName(
  { trackingApi, pipelinesApi }: ITracksideModel,
  place: PipelinePlace,
  id: string
): Promise<string | undefined> {
  const found = id
    ? await (place === 'here' ? trackingApi : pipelinesApi).experiment(id).catch(() => null)
    : null;
  return found?.name;
}
