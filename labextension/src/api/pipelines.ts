import type { ServerConnection } from '@jupyterlab/services';

import { fromSpec, toExperiment, toPipeline, toRun, toSpec, toVersion } from './pipelinereading';
import type {
  ICondition,
  IListed,
  IListQuery,
  IPipeline,
  IPipelineExperiment,
  IRunRecord,
  IPipelineVersion,
  IRunRequest,
  ISpec,
  RunSource
} from './pipelinerecords';
import {
  idIn,
  type PipelinePlace,
  placeOf,
  placeOfSource,
  plainId,
  routesOf,
  routeTo
} from './pipelineplace';
import { list, type Raw, record, text } from './raw';
import { type IRequestOptions, request } from './request';

/** How many experiments one can choose among. */
const EXPERIMENTS = 200;

/** The routes of KFP's protocol for lists of runs and for pipelines. */
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
    return toRun(await this.ask(routeTo('runs', id), { query, signal }), placeOf(id));
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
    const place = placeOfSource(wanted.source);
    const path = `${routesOf(place)}/runs`;
    return toRun(await this.ask(path, { method: 'POST', body: runBody(wanted) }), place);
  }

  /** Put a run away, or take it back. */
  async archive(id: string, isOn = true): Promise<void> {
    await this.tell('runs', id, isOn ? 'archive' : 'unarchive');
  }

  /** Delete a run. There is no way back. */
  async deleteRun(id: string): Promise<void> {
    await this.ask(routeTo('runs', id), { method: 'DELETE' });
  }

  /** One page of the pipelines. */
  pipelines(query: IListQuery = {}): Promise<IListed<IPipeline>> {
    return this.page('pipelines', 'pipelines', query, toPipeline);
  }

  /** One pipeline. */
  async pipeline(id: string): Promise<IPipeline> {
    return toPipeline(await this.ask(routeTo('pipelines', id)), placeOf(id));
  }

  /** Delete a pipeline with its versions. There is no way back; runs of it stay. */
  async deletePipeline(id: string): Promise<void> {
    await this.ask(routeTo('pipelines', id), {
      method: 'DELETE',
      query: { cascade: true }
    });
  }

  /** One page of the versions of a pipeline. */
  versions(pipelineId: string, query: IListQuery = {}): Promise<IListed<IPipelineVersion>> {
    const place = placeOf(pipelineId);
    const path = `pipelines/${encodeURIComponent(plainId(pipelineId))}/versions`;
    return this.page(path, 'pipeline_versions', { ...query, place }, toVersion);
  }

  /** One version. */
  async version(pipelineId: string, versionId: string): Promise<IPipelineVersion> {
    return toVersion(await this.ask(versionPath(pipelineId, versionId)), placeOf(pipelineId));
  }

  /** Delete a version. There is no way back. */
  async deleteVersion(pipelineId: string, versionId: string): Promise<void> {
    await this.ask(versionPath(pipelineId, versionId), { method: 'DELETE' });
  }

  /** Keep what was compiled as a pipeline. */
  async upload(file: File, names: { name: string; description?: string }): Promise<IPipeline> {
    const form = new FormData();
    form.append('uploadfile', file);
    const path = `${routesOf('here')}/pipelines/upload`;
    return toPipeline(await this.ask(path, { method: 'POST', form, query: names }));
  }

  /** Keep what was compiled as a new version of a pipeline. */
  async uploadVersion(
    file: File,
    names: { name: string; pipelineid: string; description?: string }
  ): Promise<IPipelineVersion> {
    const form = new FormData();
    form.append('uploadfile', file);
    const place = placeOf(names.pipelineid);
    const path = `${routesOf(place)}/pipelines/upload_version`;
    const query = { ...names, pipelineid: plainId(names.pipelineid) };
    return toVersion(await this.ask(path, { method: 'POST', form, query }), place);
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

  /** The experiments of a place, as far as one would choose among them. */
  async experiments(place: PipelinePlace): Promise<IPipelineExperiment[]> {
    const query = { place, page_size: EXPERIMENTS, sort_by: 'created_at desc' };
    return (await this.page('experiments', 'experiments', query, toExperiment)).items;
  }

  /** One experiment. */
  async experiment(id: string, signal?: AbortSignal): Promise<IPipelineExperiment> {
    return toExperiment(await this.ask(routeTo('experiments', id), { signal }), placeOf(id));
  }

  /** Make an experiment; gives its id. */
  async createExperiment(place: PipelinePlace, name: string): Promise<string> {
    const path = `${routesOf(place)}/experiments`;
    const made = await this.ask(path, { method: 'POST', body: { display_name: name } });
    return idIn(place, text(made.experiment_id));
  }

  private async page<T>(
    path: string,
    key: string,
    query: IListQuery & { pipeline_spec?: boolean },
    read: (raw: Raw, place: PipelinePlace) => T,
    signal?: AbortSignal
  ): Promise<IListed<T>> {
    const { conditions, place = 'here', experiment_id, ...rest } = query;
    const filter = conditions?.length ? filterText(conditions) : undefined;
    const reply = await this.ask(`${routesOf(place)}/${path}`, {
      query: { ...rest, experiment_id: experiment_id && plainId(experiment_id), filter },
      signal
    });
    return {
      items: list(reply[key]).map(one => read(record(one), place)),
      total: reply.total_size === undefined ? null : Number(reply.total_size),
      nextPageToken: text(reply.next_page_token) || null
    };
  }

  private async tell(kind: string, id: string, verb: string): Promise<void> {
    await this.ask(`${routeTo(kind, id)}:${verb}`, { method: 'POST' });
  }

  private ask(path: string, options: IRequestOptions = {}): Promise<Raw> {
    return request<Raw>(this.settings, path, options);
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

function versionPath(pipelineId: string, versionId: string): string {
  return `${routeTo('pipelines', pipelineId)}/versions/${encodeURIComponent(versionId)}`;
}

/** A run as KFP's protocol asks for it. */
export function runBody(wanted: IRunRequest): Raw {
  const { cached, python, on } = wanted;
  const own = { cached, python, on };
  return {
    display_name: wanted.name,
    description: wanted.description || undefined,
    experiment_id: plainId(wanted.experiment_id ?? '') || undefined,
    ...sourceBody(wanted.source),
    runtime_config: { parameters: wanted.arguments, pipeline_root: wanted.pipeline_root },
    ...(Object.values(own).some(value => value !== undefined) && { trackside: own })
  };
}

function sourceBody(source: RunSource): Raw {
  return 'spec' in source
    ? { pipeline_spec: fromSpec(source.spec) }
    : {
        pipeline_version_reference: {
          pipeline_id: plainId(source.pipeline_id),
          pipeline_version_id: source.version_id
        }
      };
}
