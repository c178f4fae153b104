import type { ServerConnection } from '@jupyterlab/services';

import { parseNumber } from '../shared/format';
import { request, routeUrl, send } from './request';
import type {
  IArtifact,
  IDatasetInput,
  IExperiment,
  IKeyValue,
  IMetric,
  IRun,
  IRunInfo,
  IRunMetric,
  IRunPage
} from './types';

const BASE = 'api/2.0/mlflow';
const ARTIFACTS = 'api/2.0/mlflow-artifacts/artifacts';

/** What to look for among the runs. */
export interface IRunQuery {
  experimentIds: string[];
  /** MLflow's filter grammar. */
  filter?: string;
  orderBy?: string[];
  maxResults?: number;
  pageToken?: string | null;
  /** Also those in the trash. */
  life?: 'ALL';
}

/** The routes of the MLflow protocol that the views read and write. */
export class TrackingApi {
  constructor(readonly settings: ServerConnection.ISettings) {}

  /** All experiments that are active, or in the trash; last used first. */
  async experiments(
    signal?: AbortSignal,
    life: 'ACTIVE_ONLY' | 'DELETED_ONLY' = 'ACTIVE_ONLY'
  ): Promise<IExperiment[]> {
    const found: IExperiment[] = [];
    let pageToken: string | undefined;
    do {
      const page: { experiments?: IExperiment[]; next_page_token?: string } = await this.request(
        'experiments/search',
        {
          method: 'POST',
          body: {
            max_results: 1000,
            view_type: life,
            order_by: ['last_update_time DESC'],
            page_token: pageToken
          },
          signal
        }
      );
      found.push(...(page.experiments ?? []));
      pageToken = page.next_page_token;
    } while (pageToken);
    return found;
  }

  /** One page of runs. */
  async searchRuns(query: IRunQuery, signal?: AbortSignal): Promise<IRunPage> {
    const reply = await this.request<{ runs?: IRawRun[]; next_page_token?: string }>(
      'runs/search',
      {
        method: 'POST',
        body: {
          experiment_ids: query.experimentIds,
          filter: query.filter || undefined,
          order_by: query.orderBy,
          max_results: query.maxResults ?? 100,
          page_token: query.pageToken || undefined,
          run_view_type: query.life
        },
        signal
      }
    );
    return {
      runs: (reply.runs ?? []).map(toRun),
      nextPageToken: reply.next_page_token || null
    };
  }

  /** One run. */
  async run(runId: string, signal?: AbortSignal): Promise<IRun> {
    const reply = await this.request<{ run: IRawRun }>('runs/get', {
      query: { run_id: runId },
      signal
    });
    return toRun(reply.run);
  }

  /**
   * A metric of up to 100 runs, thinned to at most `maxPoints` points each.
   *
   * A range asks only for what lies between two steps, both included.
   */
  async history(
    runIds: string[],
    key: string,
    maxPoints: number,
    range?: { startStep: number; endStep: number },
    signal?: AbortSignal
  ): Promise<IRunMetric[]> {
    const reply = await this.request<{ metrics?: IRunMetric[] }>(
      'metrics/get-history-bulk-interval',
      {
        query: {
          run_ids: runIds,
          metric_key: key,
          max_results: maxPoints,
          start_step: range?.startStep,
          end_step: range?.endStep
        },
        signal
      }
    );
    return (reply.metrics ?? []).map(point => ({ ...toMetric(point), run_id: point.run_id }));
  }

  /** The artifacts in one folder of a run. */
  async artifacts(runId: string, path = '', signal?: AbortSignal): Promise<IArtifact[]> {
    const reply = await this.request<{ files?: Partial<IArtifact>[] }>('artifacts/list', {
      query: { run_id: runId, path: path || undefined },
      signal
    });
    return (reply.files ?? []).map(file => ({
      path: file.path ?? '',
      is_dir: file.is_dir ?? false,
      file_size: file.is_dir ? null : Number(file.file_size ?? 0)
    }));
  }

  /** Where the bytes of an artifact are. */
  artifactUrl(info: Pick<IRunInfo, 'artifact_uri'>, path: string): string {
    return routeUrl(this.settings, artifactPath(info, path));
  }

  /** The bytes of an artifact. */
  artifact(
    info: Pick<IRunInfo, 'artifact_uri'>,
    path: string,
    signal?: AbortSignal
  ): Promise<Response> {
    return send(this.settings, artifactPath(info, path), { signal });
  }

  /** Some of the bytes of an artifact, the last one not included; servers may answer with all of them. */
  artifactPart(
    info: Pick<IRunInfo, 'artifact_uri'>,
    path: string,
    from: number,
    to: number,
    signal?: AbortSignal
  ): Promise<Response> {
    const headers = { Range: `bytes=${from}-${to - 1}` };
    return send(this.settings, artifactPath(info, path), { headers, signal });
  }

  /** One experiment. */
  async experiment(id: string, signal?: AbortSignal): Promise<IExperiment> {
    const reply = await this.request<{ experiment: IExperiment }>('experiments/get', {
      query: { experiment_id: id },
      signal
    });
    return reply.experiment;
  }

  /** Give a run another name. */
  async rename(runId: string, name: string): Promise<void> {
    await this.post('runs/update', { run_id: runId, run_name: name });
  }

  /** Write a tag. */
  async setTag(runId: string, key: string, value: string): Promise<void> {
    await this.post('runs/set-tag', { run_id: runId, key, value });
  }

  /** Take a tag away. */
  async deleteTag(runId: string, key: string): Promise<void> {
    await this.post('runs/delete-tag', { run_id: runId, key });
  }

  /** Make an experiment; the answer is its id. */
  async createExperiment(name: string): Promise<string> {
    const { experiment_id } = await this.request<{ experiment_id: string }>('experiments/create', {
      method: 'POST',
      body: { name }
    });
    return experiment_id;
  }

  /** Give an experiment another name. */
  async renameExperiment(id: string, name: string): Promise<void> {
    await this.post('experiments/update', { experiment_id: id, new_name: name });
  }

  /** Write a tag of an experiment. */
  async setExperimentTag(id: string, key: string, value: string): Promise<void> {
    await this.post('experiments/set-experiment-tag', { experiment_id: id, key, value });
  }

  /** Move an experiment to the trash, with its runs. */
  async removeExperiment(id: string): Promise<void> {
    await this.post('experiments/delete', { experiment_id: id });
  }

  /** Take an experiment back from the trash. */
  async restoreExperiment(id: string): Promise<void> {
    await this.post('experiments/restore', { experiment_id: id });
  }

  /** Move a run to the trash. */
  async remove(runId: string): Promise<void> {
    await this.post('runs/delete', { run_id: runId });
  }

  /** Take a run back from the trash. */
  async restore(runId: string): Promise<void> {
    await this.post('runs/restore', { run_id: runId });
  }

  private async post(path: string, body: unknown): Promise<void> {
    await this.request(path, { method: 'POST', body });
  }

  private request<T>(path: string, options: Parameters<typeof request>[2] = {}): Promise<T> {
    return request<T>(this.settings, `${BASE}/${path}`, options);
  }
}

/** A run as the wire has it: lists may be absent, integers may be strings. */
export interface IRawRun {
  info: Partial<IRunInfo> & { run_id: string };
  data?: { metrics?: IMetric[]; params?: IKeyValue[]; tags?: IKeyValue[] };
  inputs?: { dataset_inputs?: IDatasetInput[] };
}

/** Read a run from the wire. */
export function toRun(raw: IRawRun): IRun {
  const { info, data = {}, inputs = {} } = raw;
  return {
    info: {
      run_id: info.run_id,
      run_name: info.run_name || info.run_id.slice(0, 8),
      experiment_id: info.experiment_id ?? '',
      user_id: info.user_id ?? '',
      status: info.status ?? 'RUNNING',
      start_time: Number(info.start_time ?? 0),
      end_time: info.end_time ? Number(info.end_time) : null,
      artifact_uri: info.artifact_uri ?? '',
      lifecycle_stage: info.lifecycle_stage ?? 'active'
    },
    metrics: new Map((data.metrics ?? []).map(item => [item.key, toMetric(item)])),
    params: new Map((data.params ?? []).map(item => [item.key, item.value ?? ''])),
    tags: new Map((data.tags ?? []).map(item => [item.key, item.value ?? ''])),
    datasets: inputs.dataset_inputs ?? []
  };
}

// MLflow writes NaN and infinities as strings, and other servers write integers so.
function toMetric(raw: IMetric): IMetric {
  return {
    key: raw.key,
    value: parseNumber(raw.value ?? 0),
    timestamp: Number(raw.timestamp ?? 0),
    step: Number(raw.step ?? 0)
  };
}

function artifactPath(info: Pick<IRunInfo, 'artifact_uri'>, path: string): string {
  const root = info.artifact_uri.replace(/^mlflow-artifacts:\/*/, '');
  return [ARTIFACTS, ...`${root}/${path}`.split('/').filter(Boolean).map(encodeURIComponent)].join(
    '/'
  );
}
