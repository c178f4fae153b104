/** The line of Python that fetches an artifact; names are hostile, so they are quoted as JSON is. */
export function downloadSnippet(runId: string, path: string): string {
  return [
    'import mlflow',
    '',
    `path = mlflow.artifacts.download_artifacts(run_id="${runId}", artifact_path=${quoted(path)})`
  ].join('\n');
}

/** A text as a Python literal. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, char => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
