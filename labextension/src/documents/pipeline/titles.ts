import { drawnAs } from '../../pipelines/paths';
import { specTaskAt } from '../../pipelines/scene';
import type { PipelineRunModel } from './model';

/** What a task is called: by its author, or by what it does. */
export function titleOf(document: PipelineRunModel, path: string): string {
  const task = document.tree.byPath.get(path) ?? document.tree.byPath.get(drawnAs(path));
  const spec = document.spec && specTaskAt(document.spec, path);
  return spec?.title ?? task?.title ?? path;
}
