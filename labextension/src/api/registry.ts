import type { ServerConnection } from '@jupyterlab/services';

import type {
  IHistory,
  IHolders,
  ILoggedModel,
  IModelPage,
  IModelVersion,
  IPromotion,
  IRegisteredModel,
  IVersionPage,
  Stage
} from './registrytypes';
import { type IRequestOptions, request, send } from './request';

const MLFLOW = 'api/2.0/mlflow';
const OWN = 'api/v1/registry';
const ARTIFACTS = 'api/2.0/mlflow-artifacts/artifacts';
const PROXIED = /^mlflow-artifacts:\/*(.*)$/s;

/** The routes of the registry that the views read and write; the same on an outside MLflow server. */
export class RegistryApi {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** One page of models by name. */
  async models(
    filter: string,
    pageToken?: string | null,
    maxResults = 100,
    signal?: AbortSignal
  ): Promise<IModelPage> {
    const reply = await this.mlflow<{
      registered_models?: Partial<IRegisteredModel>[];
      next_page_token?: string;
    }>('registered-models/search', {
      query: {
        filter: filter || undefined,
        max_results: maxResults,
        page_token: pageToken || undefined
      },
      signal
    });
    return {
      models: (reply.registered_models ?? []).map(toModel),
      nextPageToken: reply.next_page_token || null
    };
  }

  /** One model. */
  async model(name: string, signal?: AbortSignal): Promise<IRegisteredModel> {
    const reply = await this.mlflow<{ registered_model: Partial<IRegisteredModel> }>(
      'registered-models/get',
      { query: { name }, signal }
    );
    return toModel(reply.registered_model);
  }

  /** One page of the versions of a model, the newest first. */
  async versions(name: string, pageToken?: string | null, maxResults = 50): Promise<IVersionPage> {
    const reply = await this.mlflow<{
      model_versions?: Partial<IModelVersion>[];
      next_page_token?: string;
    }>('model-versions/search', {
      query: {
        filter: nameFilter(name),
        order_by: ['version_number DESC'],
        max_results: maxResults,
        page_token: pageToken || undefined
      }
    });
    return {
      versions: (reply.model_versions ?? []).map(toVersion).filter(one => one.name === name),
      nextPageToken: reply.next_page_token || null
    };
  }

  /** One version. */
  async version(name: string, version: string): Promise<IModelVersion> {
    const reply = await this.mlflow<{ model_version: Partial<IModelVersion> }>(
      'model-versions/get',
      { query: { name, version } }
    );
    return toVersion(reply.model_version);
  }

  /** Register a model under a name, which has to be there. */
  async createVersion(body: {
    name: string;
    source: string;
    run_id?: string;
    model_id?: string;
    description?: string;
  }): Promise<IModelVersion> {
    const reply = await this.mlflow<{ model_version: Partial<IModelVersion> }>(
      'model-versions/create',
      { method: 'POST', body }
    );
    return toVersion(reply.model_version);
  }

  /** Make a name for versions to come. */
  async createModel(name: string, description = ''): Promise<void> {
    await this.mlflow('registered-models/create', { method: 'POST', body: { name, description } });
  }

  /** Describe a model, or one of its versions. */
  async describe(name: string, description: string, version?: string): Promise<void> {
    await this.mlflow(version ? 'model-versions/update' : 'registered-models/update', {
      method: 'PATCH',
      body: { name, version, description }
    });
  }

  /** Give a model another name. */
  async rename(name: string, newName: string): Promise<void> {
    await this.mlflow('registered-models/rename', {
      method: 'POST',
      body: { name, new_name: newName }
    });
  }

  /** Delete a model with its versions, or one version. There is no way back. */
  async remove(name: string, version?: string): Promise<void> {
    await this.mlflow(version ? 'model-versions/delete' : 'registered-models/delete', {
      method: 'DELETE',
      body: { name, version }
    });
  }

  /** Set a tag of a model; `null` takes it away. */
  async setTag(name: string, key: string, value: string | null): Promise<void> {
    await (value === null
      ? this.mlflow('registered-models/delete-tag', { method: 'DELETE', body: { name, key } })
      : this.mlflow('registered-models/set-tag', { method: 'POST', body: { name, key, value } }));
  }

  /** Give an alias to a version; `null` takes it away. */
  async setAlias(
    name: string,
    alias: string,
    version: string | null,
    reason: string
  ): Promise<void> {
    await this.own('aliases', { method: 'POST', body: { name, alias, version, reason } });
  }

  /** Move a version to a column of the board; gives the lines of the history. */
  async place(
    name: string,
    version: string,
    stage: Stage,
    reason: string,
    archive: boolean
  ): Promise<IPromotion[]> {
    const body = { name, version, stage, reason, archive_existing_versions: archive };
    return (await this.own<IHistory>('board', { method: 'POST', body })).promotions;
  }

  /** Take a move back; gives the lines of the history. */
  async takeBack(name: string, move: number, reason: string): Promise<IPromotion[]> {
    const body = { name, move, reason };
    return (await this.own<IHistory>('back', { method: 'POST', body })).promotions;
  }

  /** A page of who moved what, the newest first. */
  history(name: string, before?: number | null, signal?: AbortSignal): Promise<IHistory> {
    return this.own('history', { query: { name, before, limit: 50 }, signal });
  }

  /** Which versions had which aliases and stages at a moment. */
  holders(name: string, time: number, signal?: AbortSignal): Promise<IHolders> {
    return this.own('holders', { query: { name, time }, signal });
  }

  /** Where the files of a version are. */
  async filesOf(name: string, version: string, signal?: AbortSignal): Promise<string> {
    const reply = await this.mlflow<{ artifact_uri?: string }>('model-versions/get-download-uri', {
      query: { name, version },
      signal
    });
    return reply.artifact_uri ?? '';
  }

  /** The models that a run logged, as MLflow 3 keeps them. */
  async loggedModels(
    experimentId: string,
    runId: string,
    signal?: AbortSignal
  ): Promise<ILoggedModel[]> {
    const reply = await this.mlflow<{ models?: { info: Partial<ILoggedModel> }[] }>(
      'logged-models/search',
      {
        method: 'POST',
        body: {
          experiment_ids: [experimentId],
          filter: `source_run_id = '${runId}'`,
          max_results: 50
        },
        signal
      }
    );
    return (reply.models ?? []).map(({ info }) => ({
      model_id: info.model_id ?? '',
      name: info.name ?? '',
      source_run_id: info.source_run_id ?? '',
      artifact_uri: info.artifact_uri ?? ''
    }));
  }

  /** The bytes of a file below a place; `null` where this server does not lead there. */
  async file(uri: string, path: string, signal?: AbortSignal): Promise<Response | null> {
    const found = PROXIED.exec(uri);
    if (!found) {
      return null;
    }
    const parts = `${found[1]}/${path}`.split('/').filter(Boolean).map(encodeURIComponent);
    return send(this.settings, [ARTIFACTS, ...parts].join('/'), { signal });
  }

  private mlflow<T>(path: string, options: IRequestOptions): Promise<T> {
    return request<T>(this.settings, `${MLFLOW}/${path}`, options);
  }

  private own<T>(path: string, options: IRequestOptions): Promise<T> {
    return request<T>(this.settings, `${OWN}/${path}`, options);
  }
}

/** The filter for a name; one with both kinds of quotes has a pattern that fits it. */
export function nameFilter(name: string): string {
  if (!name.includes("'")) {
    return `name = '${name}'`;
  }
  return name.includes('"') ? `name LIKE '${name.replace(/'/g, '_')}'` : `name = "${name}"`;
}

// Lists may be absent, integers may be strings.
function toVersion(raw: Partial<IModelVersion>): IModelVersion {
  return {
    name: raw.name ?? '',
    version: String(raw.version ?? ''),
    creation_timestamp: Number(raw.creation_timestamp ?? 0),
    last_updated_timestamp: Number(raw.last_updated_timestamp ?? 0),
    current_stage: raw.current_stage ?? 'None',
    description: raw.description ?? '',
    source: raw.source ?? '',
    run_id: raw.run_id ?? '',
    model_id: raw.model_id ?? '',
    user_id: raw.user_id ?? '',
    status: raw.status ?? 'READY',
    tags: raw.tags ?? [],
    aliases: raw.aliases ?? []
  };
}

function toModel(raw: Partial<IRegisteredModel>): IRegisteredModel {
  return {
    name: raw.name ?? '',
    creation_timestamp: Number(raw.creation_timestamp ?? 0),
    last_updated_timestamp: Number(raw.last_updated_timestamp ?? 0),
    description: raw.description ?? '',
    latest_versions: (raw.latest_versions ?? []).map(toVersion),
    tags: raw.tags ?? [],
    aliases: (raw.aliases ?? []).map(({ alias, version }) => ({ alias, version: String(version) }))
  };
}
