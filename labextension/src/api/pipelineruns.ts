import type { ServerConnection } from '@jupyterlab/services';

import { routeTo } from './pipelineplace';
import type { IPipelineTask } from './pipelinetypes';
import { request, routeUrl, send } from './request';

/** How many tasks are asked for at once. */
const PAGE = 1000;

/** The routes of what happens in a pipeline run and of what its tasks made. */
export class PipelineRunsApi {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** All tasks of a run, as far as there are any yet. */
  async tasks(runId: string, signal?: AbortSignal): Promise<IPipelineTask[]> {
    const all: IPipelineTask[] = [];
    let token: string | undefined;
    do {
      const page = await request<{ tasks?: IPipelineTask[]; next_page_token?: string }>(
        this.settings,
        `${this.path(runId)}/tasks`,
        { query: { page_size: PAGE, page_token: token }, signal }
      );
      all.push(...(page.tasks ?? []));
      token = page.next_page_token || undefined;
    } while (token);
    return all;
  }

  /** Ask for the end of a run. */
  async terminate(runId: string): Promise<void> {
    await send(this.settings, `${this.path(runId)}:terminate`, { method: 'POST', body: {} });
  }

  /** Go on from what failed. */
  async retry(runId: string): Promise<void> {
    await send(this.settings, `${this.path(runId)}:retry`, { method: 'POST', body: {} });
  }

  /** What an artifact holds. */
  async artifact(artifactId: string, signal?: AbortSignal): Promise<Response> {
    return send(this.settings, artifactPath(artifactId), { signal, isLong: true });
  }

  /** Where the browser downloads an artifact. */
  artifactUrl(artifactId: string): string {
    return routeUrl(this.settings, artifactPath(artifactId));
  }

  /** What a task of a KFP server printed, as far as its cluster still knows it. */
  async log(runId: string, taskId: string, signal?: AbortSignal): Promise<Response> {
    const path = `${this.path(runId)}/tasks/${encodeURIComponent(taskId)}/log`;
    return send(this.settings, path, { signal, isLong: true });
  }

  private path(runId: string): string {
    return routeTo('runs', runId);
  }
}

function artifactPath(artifactId: string): string {
  return `${routeTo('artifacts', artifactId)}/content`;
}
