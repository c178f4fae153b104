import type { ServerConnection } from '@jupyterlab/services';

import { request, routeUrl } from './request';

const BASE = 'api/v1/tensorboard';

/** A TensorBoard that runs beside the server. */
export interface IBoard {
  id: string;
  run_ids: string[];
  state: 'STARTING' | 'EMPTY' | 'READY' | 'FAILED';
  message: string | null;
  /** Whether the runs may have more event files than are shown. */
  truncated: boolean;
  /** Where its page is, as one with an origin of its own. */
  url: string;
  /** Where its page is, as one of the server's own origin. */
  shared_url: string;
}

/** What reading scalars into a run brought. */
export interface IScalarsRead {
  files: number;
  points: number;
  metrics: string[];
  /** The files that could not be read to their end. */
  damaged: string[];
  /** Whether the run may have more event files than were read. */
  truncated: boolean;
}

/** The routes of TensorBoards. */
export class TensorboardApi {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** Open the one for these runs, or join it. */
  open(runIds: readonly string[], signal?: AbortSignal): Promise<IBoard> {
    return request<IBoard>(this.settings, BASE, {
      method: 'POST',
      body: { run_ids: runIds },
      signal
    });
  }

  /** One of them; while it starts, when there is news or after some seconds. */
  get(id: string, wait: number, signal?: AbortSignal): Promise<IBoard> {
    return request<IBoard>(this.settings, `${BASE}/${encodeURIComponent(id)}`, {
      query: { wait },
      signal
    });
  }

  /** Read what is new in the event files of a run into its metrics. */
  readScalars(runId: string): Promise<IScalarsRead> {
    return request<IScalarsRead>(this.settings, `${BASE}/import`, {
      method: 'POST',
      body: { run_id: runId }
    });
  }

  /**
   * The address of the page: apart from Jupyter's origin, unless something on the way, such as a
   * proxy that asks for cookies, does not let such a page through.
   */
  async pageOf(board: IBoard): Promise<{ url: string; isApart: boolean }> {
    const url = routeUrl(this.settings, board.url);
    try {
      const probe = await fetch(`${url}trackside-shim.js`, {
        credentials: 'omit',
        redirect: 'error'
      });
      if (probe.ok && probe.headers.get('Content-Type')?.startsWith('text/javascript')) {
        return { url, isApart: true };
      }
    } catch {
      // What was met on the way is no page of ours.
    }
    return { url: routeUrl(this.settings, board.shared_url), isApart: false };
  }
}
