import { type Contents, ServerConnection } from '@jupyterlab/services';

import type { IRun } from '../api/types';
import { readBeginning, toText } from '../documents/run/artifacts/read';
import { CELL_PATH } from '../documents/run/provenance';
import { fileName } from '../shared/download';
import type { ITracksideModel } from '../tokens';
import { notebookOf } from './notebook';
import { jobBehind } from './runAgain';

/** The most that a cell may hold, and how many names are tried for a file. */
const MOST_CODE = 2 * 2 ** 20;
const MOST_NAMES = 50;

/** Make a notebook of the code of a run beside the one it came from; resolves to its path. */
export async function makeNotebook(
  model: ITracksideModel,
  contents: Contents.IManager,
  run: IRun
): Promise<string | null> {
  const known = await jobBehind(model, run);
  const job = known ? await model.jobsApi.get(known.job_id) : null;
  const code = await codeOf(model, run);
  if (!job && code === null && run.params.size === 0) {
    return null;
  }
  const content = notebookOf({ run, job, code }, model.trans);
  const origin = job?.source?.notebook ?? job?.source?.path ?? '';
  const folder = origin.includes('/') ? origin.slice(0, origin.lastIndexOf('/')) : '';
  return save(contents, folder, run.info.run_name, content);
}

/** The cell of a run as it was executed. */
async function codeOf(model: ITracksideModel, run: IRun): Promise<string | null> {
  const { trackingApi } = model;
  const folder = CELL_PATH.slice(0, CELL_PATH.lastIndexOf('/'));
  const files = await trackingApi.artifacts(run.info.run_id, folder);
  if (!files.some(file => file.path === CELL_PATH)) {
    return null;
  }
  const { bytes } = await readBeginning(await trackingApi.artifact(run.info, CELL_PATH), MOST_CODE);
  return toText(bytes);
}

/**
 * Save under a name that is free. The server makes a new file and refuses to rename it to one that
 * is there, so nothing is overwritten even when two ask at once.
 */
async function save(
  contents: Contents.IManager,
  folder: string,
  name: string,
  content: Record<string, unknown>
): Promise<string> {
  const options = { type: 'notebook' as const, path: folder };
  const made = await contents
    .newUntitled(options)
    .catch(() => contents.newUntitled({ ...options, path: '' }));
  await contents.save(made.path, { type: 'notebook', format: 'json', content });
  const place = made.path.slice(0, made.path.lastIndexOf('/') + 1);
  for (let at = 1; at <= MOST_NAMES; at++) {
    const wanted = fileName(at === 1 ? name : `${name}-copy-${at}`, 'ipynb');
    try {
      return (await contents.rename(made.path, `${place}${wanted}`)).path;
    } catch (error) {
      if (!isTaken(error)) {
        // It is there, under the name that the server gave.
        break;
      }
    }
  }
  return made.path;
}

function isTaken(error: unknown): boolean {
  return error instanceof ServerConnection.ResponseError && error.response.status === 409;
}
