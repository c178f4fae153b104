/** Whether a path is of a notebook or a script, or neither. */
export function kindOf(path: string): 'notebook' | 'script' | null {
  if (path.endsWith('.ipynb')) {
    return 'notebook';
  }
  return path.endsWith('.py') ? 'script' : null;
}
