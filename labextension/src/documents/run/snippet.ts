import { quoted } from '../../shared/python';

/** The line of Python that fetches an artifact; names are hostile, so they are quoted as JSON is. */
export function downloadSnippet(runId: string, path: string): string {
  return [
    'import mlflow',
    '',
    `path = mlflow.artifacts.download_artifacts(run_id="${runId}", artifact_path=${quoted(path)})`
  ].join('\n');
}
