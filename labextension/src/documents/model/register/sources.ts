import type { RegistryApi } from '../../../api/registry';
import type { TrackingApi } from '../../../api/tracking';
import type { IRun } from '../../../api/types';

/** How deep below the artifacts of a run models are looked for, and in how many folders at most. */
const DEPTH = 3;
const MOST_FOLDERS = 60;

/** The file by which a folder is known to hold a model. */
const MARK = 'MLmodel';

/** Something of a run that can be registered. */
export interface IModelSource {
  label: string;
  /** Where it is, as the registry takes it. */
  source: string;
  /** The logged model of MLflow 3, when it is one. */
  modelId: string;
}

/** What a run logged that can be registered: logged models first, then folders that hold one. */
export async function findSources(
  run: IRun,
  tracking: Pick<TrackingApi, 'artifacts'>,
  registry: Pick<RegistryApi, 'loggedModels'>
): Promise<IModelSource[]> {
  const { run_id, experiment_id } = run.info;
  const [logged, folders] = await Promise.all([
    // A server before MLflow 3 knows no logged models.
    registry.loggedModels(experiment_id, run_id).catch(() => []),
    findFolders(run_id, tracking)
  ]);
  const root = run.info.artifact_uri.replace(/\/+$/, '');
  return [
    ...logged.map(({ model_id, name }) => ({
      label: name || model_id,
      source: `models:/${model_id}`,
      modelId: model_id
    })),
    ...folders.map(path => ({
      label: path || '/',
      source: path ? `${root}/${path}` : root,
      modelId: ''
    }))
  ];
}

/** The folders of a run that hold a model, those near the top first. */
async function findFolders(
  runId: string,
  tracking: Pick<TrackingApi, 'artifacts'>
): Promise<string[]> {
  const found: string[] = [];
  let level = [''];
  let asked = 0;
  for (let depth = 0; depth <= DEPTH && level.length; depth += 1) {
    const here = level.slice(0, MOST_FOLDERS - asked);
    asked += here.length;
    const lists = await Promise.all(here.map(path => tracking.artifacts(runId, path)));
    level = [];
    lists.forEach((files, at) => {
      if (files.some(({ path, is_dir }) => !is_dir && path.split('/').pop() === MARK)) {
        found.push(here[at]);
      } else {
        level.push(...files.filter(({ is_dir }) => is_dir).map(({ path }) => path));
      }
    });
  }
  return found;
}
