import type { ServerConnection } from '@jupyterlab/services';

import {
  fromSchedule,
  fromSpec,
  list,
  record,
  text,
  toPipeline,
  toRecurring,
  toRun,
  toSpec,
  toVersion
} from './pipelinereading';
import type {
  ICondition,
  IListed,
  IListQuery,
  IPipeline,
  IRunRecord,
  IPipelineVersion,
  IRecurringRun,
  IRunRequest,
  ISchedule,
  ISpec,
  RunSource
} from './pipelinerecords';
import { type IRequestOptions, request } from './request';

const KFP = 'apis/v2beta1';

type Raw = Record<string, unknown>;

/** The routes of KFP's protocol for lists of runs, for pipelines and for what recurs. */
export class PipelinesApi {
  constructor(readonly settings: ServerConnection.ISettings) {}

  /** One page of the runs. */
  runs(query: IListQuery, signal?: AbortSignal): Promise<IListed<IRunRecord>> {
    // No list shows what was compiled, which would be most of it.
    return this.page('runs', 'runs', { ...query, pipeline_spec: false }, toRun, signal);
  }

  /** One run. */
  async run(id: string, signal?: AbortSignal): Promise<IRunRecord> {
    // The tasks are asked for by themselves.
    const query = { run_details: false };
    return toRun(await this.ask(`runs/${encodeURIComponent(id)}`, { query, signal }));
  }

  /** What a run ran: its own, or that of its version; nothing where that was deleted. */
  async specOf(run: IRunRecord): Promise<ISpec | null> {
    if (run.spec || !run.version_id) {
      return run.spec;
    }
    const version = await this.version(run.pipeline_id, run.version_id).catch(() => null);
    return version?.spec ?? null;
  }

  /** Start a run. */
  async start(wanted: IRunRequest): Promise<IRunRecord> {
    return toRun(await this.ask('runs', { method: 'POST', body: runBody(wanted) }));
  }

  /** Put a run away, or take it back. */
  async archive(id: string, isOn = true): Promise<void> {
    await this.tell('runs', id, isOn ? 'archive' : 'unarchive');
  }

  /** Delete a run. There is no way back. */
  async deleteRun(id: string): Promise<void> {
    await this.ask(`runs/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }

  /** One page of the pipelines. */
  pipelines(query: IListQuery = {}): Promise<IListed<IPipeline>> {
    return this.page('pipelines', 'pipelines', query, toPipeline);
  }

  /** One pipeline. */
  async pipeline(id: string): Promise<IPipeline> {
    return toPipeline(await this.ask(`pipelines/${encodeURIComponent(id)}`));
  }

  /** Delete a pipeline with its versions. There is no way back; runs of it stay. */
  async deletePipeline(id: string): Promise<void> {
    await this.ask(`pipelines/${encodeURIComponent(id)}`, {
      method: 'DELETE',
      query: { cascade: true }
    });
  }

  /** One page of the versions of a pipeline. */
  versions(pipelineId: string, query: IListQuery = {}): Promise<IListed<IPipelineVersion>> {
    const path = `pipelines/${encodeURIComponent(pipelineId)}/versions`;
    return this.page(path, 'pipeline_versions', query, toVersion);
  }

  /** One version. */
  async version(pipelineId: string, versionId: string): Promise<IPipelineVersion> {
    const ids = [pipelineId, versionId].map(encodeURIComponent);
    return toVersion(await this.ask(`pipelines/${ids[0]}/versions/${ids[1]}`));
  }

  /** Delete a version. There is no way back. */
  async deleteVersion(pipelineId: string, versionId: string): Promise<void> {
    const ids = [pipelineId, versionId].map(encodeURIComponent);
    await this.ask(`pipelines/${ids[0]}/versions/${ids[1]}`, { method: 'DELETE' });
  }

  /** Keep what was compiled as a pipeline. */
  async upload(file: File, names: { name: string; description?: string }): Promise<IPipeline> {
    const form = new FormData();
    form.append('uploadfile', file);
    return toPipeline(await this.ask('pipelines/upload', { method: 'POST', form, query: names }));
  }

  /** Keep what was compiled as a new version of a pipeline. */
  async uploadVersion(
    file: File,
    names: { name: string; pipelineid: string; description?: string }
  ): Promise<IPipelineVersion> {
    const form = new FormData();
    form.append('uploadfile', file);
    return toVersion(
      await this.ask('pipelines/upload_version', { method: 'POST', form, query: names })
    );
  }

  /** What a file holds, read and checked by the server, which keeps nothing of it. */
  async read(file: File): Promise<ISpec> {
    const form = new FormData();
    form.append('uploadfile', file);
    const found = await request<Raw>(this.settings, 'api/v1/pipelines/read', {
      method: 'POST',
      form
    });
    return toSpec(found)!;
  }

  /** One page of the recurring runs. */
  recurring(query: IListQuery = {}): Promise<IListed<IRecurringRun>> {
    return this.page('recurringruns', 'recurringRuns', query, toRecurring);
  }

  /** One recurring run. */
  async recurringRun(id: string): Promise<IRecurringRun> {
    return toRecurring(await this.ask(`recurringruns/${encodeURIComponent(id)}`));
  }

  /** Have something run again and again. */
  async schedule(
    wanted: IRunRequest & { schedule: ISchedule; max_concurrency: number; no_catchup: boolean }
  ): Promise<IRecurringRun> {
    const body = {
      ...runBody(wanted),
      trigger: fromSchedule(wanted.schedule),
      max_concurrency: String(wanted.max_concurrency),
      no_catchup: wanted.no_catchup,
      mode: 'ENABLE'
    };
    return toRecurring(await this.ask('recurringruns', { method: 'POST', body }));
  }

  /** When a schedule would start runs next, in milliseconds since the epoch. */
  async times({ interval, cron }: ISchedule): Promise<number[]> {
    const { times } = await request<{ times: number[] }>(this.settings, 'api/v1/pipelines/times', {
      query: { interval, cron: cron || undefined }
    });
    return times;
  }

  /** Let a recurring run start runs, or no longer. */
  async enable(id: string, isOn: boolean): Promise<void> {
    await this.tell('recurringruns', id, isOn ? 'enable' : 'disable');
  }

  /** Delete a recurring run. Its runs stay. */
  async deleteRecurring(id: string): Promise<void> {
    await this.ask(`recurringruns/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }

  private async page<T>(
    path: string,
    key: string,
    query: IListQuery & { pipeline_spec?: boolean },
    read: (raw: Raw) => T,
    signal?: AbortSignal
  ): Promise<IListed<T>> {
    const { conditions, ...rest } = query;
    const filter = conditions?.length ? filterText(conditions) : undefined;
    const reply = await this.ask(path, { query: { ...rest, filter }, signal });
    return {
      items: list(reply[key]).map(one => read(record(one))),
      total: reply.total_size === undefined ? null : Number(reply.total_size),
      nextPageToken: text(reply.next_page_token) || null
    };
  }

  private async tell(kind: string, id: string, verb: string): Promise<void> {
    await this.ask(`${kind}/${encodeURIComponent(id)}:${verb}`, { method: 'POST' });
  }

  private ask(path: string, options: IRequestOptions = {}): Promise<Raw> {
    return request<Raw>(this.settings, `${KFP}/${path}`, options);
  }
}

/** Conditions as KFP's protocol writes them. */
export function filterText(conditions: readonly ICondition[]): string {
  const predicates = conditions.map(({ key, operation, value }) => ({
    key,
    operation,
    ...(typeof value === 'string' ? { string_value: value } : { string_values: { values: value } })
  }));
  return JSON.stringify({ predicates });
}

function runBody(wanted: IRunRequest): Raw {
  return {
    display_name: wanted.name,
    description: wanted.description || undefined,
    experiment_id: wanted.experiment_id || undefined,
    ...sourceBody(wanted.source),
    runtime_config: { parameters: wanted.arguments },
    ...(wanted.cached === undefined ? {} : { trackside: { cached: wanted.cached } })
  };
}

function sourceBody(source: RunSource): Raw {
  return 'spec' in source
    ? { pipeline_spec: fromSpec(source.spec) }
    : {
        pipeline_version_reference: {
          pipeline_id: source.pipeline_id,
          pipeline_version_id: source.version_id
        }
      };
}
