import type { ServerConnection } from '@jupyterlab/services';

import type { IPipelineRun, IPipelineTask } from './pipelinetypes';
import { request, routeUrl, send } from './request';

const KFP = 'apis/v2beta1';

/** How many tasks are asked for at once. */
const PAGE = 200;

/** The routes of single pipeline runs and of what their tasks made. */
export class PipelineRunsApi {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** A run. */
  async run(runId: string, signal?: AbortSignal): Promise<IPipelineRun> {
    return request<IPipelineRun>(this.settings, this.path(runId), { signal });
  }

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

  /** The compiled pipeline of a version, for runs that only refer to it. */
  async versionSpec(
    pipelineId: string,
    versionId: string,
    signal?: AbortSignal
  ): Promise<Record<string, unknown> | null> {
    const version = await request<{ pipeline_spec?: Record<string, unknown> }>(
      this.settings,
      `${KFP}/pipelines/${encodeURIComponent(pipelineId)}/versions/${encodeURIComponent(versionId)}`,
      { signal }
    );
    return version.pipeline_spec ?? null;
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

  private path(runId: string): string {
    return `${KFP}/runs/${encodeURIComponent(runId)}`;
  }
}

function artifactPath(artifactId: string): string {
  return `${KFP}/artifacts/${encodeURIComponent(artifactId)}/content`;
}
