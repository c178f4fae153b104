import * as React from 'react';

import type { IArtifact } from '../../../api/types';
import type { TrackingApi } from '../../../api/tracking';

/** One row of the tree. */
export interface ITreeRow {
  file: IArtifact;
  level: number;
  isOpen: boolean;
}

/** The folders that are known, and the rows that they make. */
export interface IFolders {
  rows: readonly ITreeRow[];
  isLoading: boolean;
  error: unknown;
  toggle(path: string): void;
}

/** The folders of a run's artifacts, fetched as they are opened; all open ones again when `version` changes. */
export function useFolders(api: TrackingApi, runId: string, version: unknown): IFolders {
  const [known, setKnown] = React.useState<ReadonlyMap<string, readonly IArtifact[]>>(new Map());
  const [open, setOpen] = React.useState<ReadonlySet<string>>(new Set());
  const [errors, setErrors] = React.useState<ReadonlyMap<string, unknown>>(new Map());
  const folders = ['', ...open];
  const wanted = folders.join('\n');
  React.useEffect(() => {
    const abort = new AbortController();
    for (const path of folders) {
      api.artifacts(runId, path, abort.signal).then(
        files => {
          setErrors(before => new Map([...before].filter(([one]) => one !== path)));
          setKnown(before => new Map(before).set(path, ordered(files)));
        },
        (reason: unknown) =>
          !abort.signal.aborted && setErrors(before => new Map(before).set(path, reason))
      );
    }
    return () => abort.abort();
  }, [api, runId, version, wanted]);

  // Of a folder that was closed again, nothing is wrong.
  const error = folders.map(path => errors.get(path)).find(reason => reason !== undefined) ?? null;
  const rows: ITreeRow[] = [];
  const add = (path: string, level: number): void => {
    for (const file of known.get(path) ?? []) {
      const isOpen = file.is_dir && open.has(file.path);
      rows.push({ file, level, isOpen });
      if (isOpen) {
        add(file.path, level + 1);
      }
    }
  };
  add('', 1);
  return {
    rows,
    error,
    isLoading: !known.has('') && !error,
    toggle: path => {
      const next = new Set(open);
      if (!next.delete(path)) {
        next.add(path);
      }
      setOpen(next);
    }
  };
}

/** Folders first, then by name. */
function ordered(files: readonly IArtifact[]): IArtifact[] {
  return [...files].sort(
    (one, two) =>
      Number(two.is_dir) - Number(one.is_dir) ||
      one.path.localeCompare(two.path, undefined, { numeric: true })
  );
}
