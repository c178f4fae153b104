import type { ServerConnection } from '@jupyterlab/services';

import { parseNumber } from '../shared/format';
import type { ICluster, IPlan } from './clustertypes';
import { request, routeUrl, send, socketUrl } from './request';
import type {
  IBundle,
  IChanges,
  IJob,
  IJobDetail,
  IJobPage,
  IJobRequest,
  ILogRange,
  IPreview,
  IServerInfo,
  IUnpinned,
  JobOverrides
} from './types';

const BASE = 'api/v1';

/** The routes of Trackside's own API: jobs, their logs, and what changed. */
export class JobsApi {
  constructor(readonly settings: ServerConnection.ISettings) {}

  /** What the server is and what it has free. */
  info(): Promise<IServerInfo> {
    return this.request('info');
  }

  /** Everything that changed after a revision; without one, a snapshot. */
  async changes(since?: number, signal?: AbortSignal): Promise<IChanges> {
    const reply = await this.request<IChanges>('changes', { query: { since }, signal });
    return { ...reply, jobs: reply.jobs.map(readJob) };
  }

  /** One page of jobs, newest first. */
  async list(
    query: {
      state?: string;
      experiment_id?: string;
      limit?: number;
      page_token?: string;
    } = {}
  ): Promise<IJobPage> {
    const page = await this.request<IJobPage>('jobs', { query });
    return { ...page, jobs: page.jobs.map(readJob) };
  }

  /** One job, by id or name. */
  async get(job: string): Promise<IJobDetail> {
    return unwrap(await this.request<{ job: IJobDetail } | IJobDetail>(jobPath(job)));
  }

  /** Start a job; repeating the idempotency key returns the same job. */
  async submit(body: IJobRequest): Promise<IJob> {
    return unwrap(await this.request<{ job: IJob } | IJob>('jobs', { method: 'POST', body }));
  }

  /** What would be made of a submission; nothing is started. */
  plan(body: IJobRequest, signal?: AbortSignal): Promise<IPlan> {
    return this.request('jobs/plan', { method: 'POST', body, signal });
  }

  /** What the cluster has, as far as it can be seen; with `refresh`, not what was seen just before. */
  cluster(refresh = false): Promise<ICluster> {
    return this.request('cluster', { query: { refresh: refresh ? 1 : undefined } });
  }

  /** Ask a job to stop; it is killed when it does not within its grace time. */
  async cancel(job: string): Promise<IJob> {
    const path = `${jobPath(job)}/cancel`;
    return unwrap(await this.request<{ job: IJob } | IJob>(path, { method: 'POST', body: {} }));
  }

  /** Start the same code again. */
  async rerun(job: string, overrides: JobOverrides = {}): Promise<IJob> {
    const path = `${jobPath(job)}/rerun`;
    const body = { overrides };
    return unwrap(await this.request<{ job: IJob } | IJob>(path, { method: 'POST', body }));
  }

  /** What may be another thing when the job runs again, what keeps it from running first. */
  async unpinned(job: string): Promise<IUnpinned[]> {
    const reply = await this.request<{ unpinned: IUnpinned[] }>(`${jobPath(job)}/rerun`);
    return reply.unpinned;
  }

  /** Forget an ended job and its log; its run stays. */
  async remove(job: string): Promise<void> {
    await send(this.settings, `${BASE}/${jobPath(job)}`, { method: 'DELETE' });
  }

  /** A range of a job's log, or its end; each rank of a job on a cluster has its own. */
  logs(
    job: string,
    query: { offset?: number; limit?: number; tail?: number; rank?: number } = {},
    signal?: AbortSignal
  ): Promise<ILogRange> {
    return this.request(`${jobPath(job)}/logs`, { query, signal });
  }

  /** Where the whole log can be saved from. */
  logDownloadUrl(job: string, rank?: number): string {
    return routeUrl(this.settings, `${BASE}/${jobPath(job)}/logs/download`, { rank });
  }

  /** Where the log is streamed from. */
  logSocketUrl(
    job: string,
    from: ({ offset: number } | { tail: number }) & { rank?: number }
  ): string {
    return socketUrl(this.settings, `${BASE}/${jobPath(job)}/logs/stream`, from);
  }

  /** The files that a job runs with. */
  bundle(job: string): Promise<IBundle> {
    return this.request(`${jobPath(job)}/bundle`);
  }

  /** What would travel for a script or a notebook, and the params it declares. */
  preview(body: { path: string; files?: string[] }, signal?: AbortSignal): Promise<IPreview> {
    return this.request('preview', { method: 'POST', body, signal });
  }

  private request<T>(path: string, options: Parameters<typeof request>[2] = {}): Promise<T> {
    return request<T>(this.settings, `${BASE}/${path}`, options);
  }
}

function jobPath(job: string): string {
  return `jobs/${encodeURIComponent(job)}`;
}

/** The job in a reply; numbers that JSON cannot carry come as words. */
function unwrap<T extends IJob>(reply: { job: T } | T): T {
  return readJob('job' in reply ? reply.job : reply);
}

function readJob<T extends IJob>(job: T): T {
  const metrics = Object.entries(job.metrics).map(([key, metric]) => [
    key,
    { ...metric, value: parseNumber(metric.value) }
  ]);
  return {
    ...job,
    metrics: Object.fromEntries(metrics),
    sparkline: job.sparkline.map(parseNumber)
  };
}
