import type { ServerConnection } from '@jupyterlab/services';

import { request } from './request';

const BASE = 'api/v1/imports';

/** What becomes of files. */
export type ArtifactsChoice = 'copy' | 'reference' | 'none';

/** How many things of one kind came of an import. */
export interface IOutcomes {
  new: number;
  changed: number;
  same: number;
  skipped: number;
}

/** How far an import is. */
export interface IImportProgress {
  doing: string;
  counts: Record<string, IOutcomes>;
  totals: Record<string, number>;
  points: number;
  files: number;
  bytes: number;
  problems: number;
}

/** An import from MLflow. */
export interface IImport {
  id: string;
  source: string;
  artifacts: ArtifactsChoice;
  dry_run: boolean;
  state: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED';
  message: string | null;
  progress: IImportProgress;
  first_problems?: { kind: string; id: string; message: string }[];
}

/** What is asked for. */
export interface IImportRequest {
  source: string;
  artifacts: ArtifactsChoice;
  artifact_root?: string;
  prefix?: string;
  dry_run: boolean;
  token?: string;
  username?: string;
  password?: string;
}

/** Whether an import goes on. */
export function isUnderWay(found: IImport): boolean {
  return found.state === 'QUEUED' || found.state === 'RUNNING';
}

/** The routes of imports. */
export class ImportsApi {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** Begin one, or join the one that was asked for in the same words. */
  begin(body: IImportRequest): Promise<IImport> {
    return request<IImport>(this.settings, BASE, { method: 'POST', body });
  }

  /** The newest ones. */
  async newest(signal?: AbortSignal): Promise<IImport[]> {
    const reply = await request<{ imports: IImport[] }>(this.settings, BASE, {
      query: { limit: 1 },
      signal
    });
    return reply.imports;
  }

  /** One of them, when there is news or after some seconds. */
  get(id: string, wait: number, signal?: AbortSignal): Promise<IImport> {
    return request<IImport>(this.settings, `${BASE}/${encodeURIComponent(id)}`, {
      query: { wait },
      signal
    });
  }

  /** Stop one; what it brought stays. */
  cancel(id: string): Promise<IImport> {
    return request<IImport>(this.settings, `${BASE}/${encodeURIComponent(id)}/cancel`, {
      method: 'POST',
      body: {}
    });
  }
}
