import type { ServerConnection } from '@jupyterlab/services';

import { request } from './request';
import type { RunStatus } from './types';

/** How many runs are compared at once. */
export const FEWEST = 2;
export const MOST = 20;

export type Goal = 'min' | 'max';

/** What is called better. */
export interface IObjective {
  metric: string;
  goal: Goal;
  /** Whether nobody chose it. */
  assumed: boolean;
  /** Whether the goal follows from the metric's name; it is a guess otherwise. */
  by_name: boolean;
}

/** A run of a comparison. */
export interface IComparedRun {
  run_id: string;
  run_name: string;
  experiment_id: string;
  experiment_name: string;
  status: RunStatus;
  start_time: number;
  end_time: number | null;
  user_id: string;
  lifecycle_stage: string;
  has_code: boolean;
  has_environment: boolean;
}

/** A named text of each run, in their order. */
export interface ITextRow {
  key: string;
  values: (string | null)[];
  differs: boolean;
}

/** The last value of a metric of each run; what JSON lacks are words. */
export interface IMetricRow {
  key: string;
  values: (number | string | null)[];
  goal: Goal | null;
  best: number | null;
  differs: boolean;
}

/** How a file of a run is against that of the base run. */
export type FileState =
  'base' | 'same' | 'changed' | 'added' | 'removed' | 'absent' | 'unread' | 'unknown';

/** A file of one run against that of the base run. */
export interface IFileDifference {
  state: FileState;
  /** The unified difference, without its head. */
  diff: string | null;
  added: number;
  removed: number;
}

/** A file of all runs. */
export interface IComparedFile {
  kind: 'cell' | 'helpers' | 'file' | 'changes';
  path: string;
  differs: boolean;
  whole: boolean;
  runs: IFileDifference[];
}

/** The commit that a run came from. */
export interface ICommit {
  commit: string;
  branch: string | null;
  remote: string | null;
  changed: number | null;
}

/** What one difference has to do with the result. */
export interface IRanked {
  kind: 'param' | 'dataset' | 'code' | 'package' | 'environment';
  key: string;
  measure: 'pair' | 'rank' | 'group';
  runs: number;
  score: number | null;
  chance: number | null;
  strength: 'pair' | 'clear' | 'hint' | 'none';
  better: string | null;
  worse: string | null;
  together: string[];
  text: string;
}

/** What a comparison leaves out or does not know. */
export interface INote {
  code:
    | 'LONG_VALUES'
    | 'MANY_ROWS'
    | 'MANY_FILES'
    | 'MUCH_CODE'
    | 'DELETED'
    | 'NO_CODE'
    | 'NO_PACKAGES';
  count?: number;
  limit?: number;
  /** The table that it is about. */
  what?: string;
  /** The runs that it is about, where they are few. */
  names?: string[];
  /** The note in English. */
  text: string;
}

/** Runs side by side. */
export interface IComparison {
  base: string;
  runs: IComparedRun[];
  params: ITextRow[];
  metrics: IMetricRow[];
  tags: ITextRow[];
  datasets: ITextRow[];
  packages: ITextRow[];
  environment: ITextRow[];
  code: { files: IComparedFile[]; commits: (ICommit | null)[]; differs: boolean };
  objective: IObjective | null;
  ranking: IRanked[];
  counts: { settings: number; differing: number; others: string[] };
  notes: INote[];
  sentence: string;
}

/** What is to be compared. */
export interface IQuestion {
  runIds: readonly string[];
  objective?: { metric: string; goal?: Goal | null } | null;
  base?: string | null;
}

/** Ask the server to compare runs. */
export function compareRuns(
  settings: ServerConnection.ISettings,
  question: IQuestion,
  signal?: AbortSignal
): Promise<IComparison> {
  return request<IComparison>(settings, 'api/v1/compare', {
    method: 'POST',
    body: {
      run_ids: question.runIds,
      objective: question.objective ?? undefined,
      base: question.base ?? undefined
    },
    signal
  });
}
