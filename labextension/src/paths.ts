/** Whether a path is of a notebook or a script, or neither. */
export function kindOf(path: string): 'notebook' | 'script' | null {
  if (path.endsWith('.ipynb')) {
    return 'notebook';
  }
  return path.endsWith('.py') ? 'script' : null;
}

/** The name of a file, without what it ends with. */
export function stemOf(path: string): string {
  return (path.split('/').pop() ?? '').replace(/\.\w+$/, '');
}

const PIPELINE = /\.(ya?ml|zip|tar\.gz|tgz)$/i;

/** Whether a file may hold a compiled pipeline; only the server can tell whether it does. */
export function isPipelineFile(path: string): boolean {
  return PIPELINE.test(path);
}
