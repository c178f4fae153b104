import type { IRun } from '../../api/types';

/** Where the server puts what a run came from, below the artifacts of the run. */
export const CELL_PATH = 'provenance/cell.py';
export const DIFF_PATH = 'provenance/uncommitted.diff';
export const ENVIRONMENT_PATH = 'provenance/environment.json';

/** The state of the repository that a run came from. */
export interface IGitFacts {
  commit: string;
  branch: string | null;
  remote: string | null;
  changed: number;
  files: string[];
}

/** Read the git tags of a run. */
export function gitFacts(run: IRun): IGitFacts | null {
  const commit = run.tags.get('mlflow.source.git.commit');
  if (!commit) {
    return null;
  }
  const files = parse(run.tags.get('trackside.git.changed_files'));
  return {
    commit,
    branch: run.tags.get('mlflow.source.git.branch') ?? null,
    remote: run.tags.get('mlflow.source.git.repoURL') ?? null,
    changed: Number(run.tags.get('trackside.git.changed') ?? 0) || 0,
    files: Array.isArray(files) ? files.map(fileName).filter(Boolean) : []
  };
}

// Names, or objects that hold one beside what was done to the file.
function fileName(entry: unknown): string {
  if (typeof entry === 'string') {
    return entry;
  }
  const path = (entry as { path?: unknown } | null)?.path;
  return typeof path === 'string' ? path : '';
}

/** Where a run says it came from: the cell, the script, or what MLflow wrote. */
export function sourceName(run: IRun): string | null {
  const notebook = run.tags.get('trackside.notebook');
  const count = run.tags.get('trackside.execution_count');
  if (notebook) {
    const name = notebook.split('/').pop()!;
    return count ? `cell [${count}] of ${name}` : name;
  }
  return run.tags.get('mlflow.source.name') ?? null;
}

/** The environment of a run as the job wrote it. */
export interface IEnvironmentFacts {
  python: string | null;
  platform: string | null;
  host: string | null;
  packages: [string, string][];
}

/** Read `environment.json`, whatever is in it. */
export function environmentFacts(text: string): IEnvironmentFacts {
  const parsed = parse(text);
  const raw = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Record<
    string,
    unknown
  >;
  const packages = (typeof raw.packages === 'object' && raw.packages) || {};
  return {
    python: word(raw.python),
    platform: word(raw.platform),
    host: word(raw.host),
    packages: Object.entries(packages)
      .map(([name, version]): [string, string] => [name, String(version)])
      .sort(([one], [two]) => one.toLowerCase().localeCompare(two.toLowerCase()))
  };
}

function word(value: unknown): string | null {
  return typeof value === 'string' && value ? value : null;
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** Tags that the document shows elsewhere or that say nothing to people. */
export function isShownElsewhere(tag: string): boolean {
  return tag.startsWith('mlflow.') || tag.startsWith('trackside.');
}
