import type { ServerConnection } from '@jupyterlab/services';

import { idIn } from './pipelineplace';
import { text, webUrl } from './raw';
import { request } from './request';

/** How the server of Kubeflow Pipelines stands. */
export interface IKfpStatus {
  configured: boolean;
  /** The name of its machine. */
  host: string;
  /** Where its pages begin, or nothing. */
  ui: string;
  /**
   * - `OK`: it answers
   * - `AWAY`: it does not, and is asked again
   * - `REFUSED`: it does not let this server in
   * - `UNKNOWN`: nothing was heard yet
   */
  state: 'OK' | 'AWAY' | 'REFUSED' | 'UNKNOWN';
  /** What is wrong and what to do, or nothing. */
  message: string;
  /** The generation of its API: `2` tells of no values. */
  api: string;
  namespace: string;
}

/** What is sent to Kubeflow. */
export type SendSource =
  { pipeline_id: string; pipeline_version_id?: string } | { run_id: string } | { path: string };

/** What is asked for when something is sent. */
export interface ISendRequest {
  source: SendSource;
  /** The names of the pipeline and of its version there; the server's own choice where absent. */
  name?: string;
  version_name?: string;
  /** Whether it is run there at once, and with what. */
  run?: boolean;
  arguments?: Record<string, unknown>;
}

/** What was made there. */
export interface ISent {
  pipeline_id: string;
  version_id: string;
  /** The run, or nothing. */
  run_id: string;
  /** The page that shows it, or nothing. */
  url: string;
}

/** The routes about the server of Kubeflow Pipelines. */
export class KfpApi {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** How the server stands; with `again`, it is asked now. */
  async status(again = false): Promise<IKfpStatus> {
    const raw = await request<Partial<IKfpStatus>>(this.settings, 'api/v1/kfp', {
      query: { refresh: again || undefined }
    });
    return {
      configured: raw.configured === true,
      host: text(raw.host),
      ui: webUrl(raw.ui),
      state: raw.state ?? 'UNKNOWN',
      message: text(raw.message),
      api: text(raw.api),
      namespace: text(raw.namespace)
    };
  }

  /** Upload what was compiled as it is, and run it there when asked. */
  async send({ source, ...rest }: ISendRequest): Promise<ISent> {
    const made = await request<Record<string, unknown>>(this.settings, 'api/v1/kfp/send', {
      method: 'POST',
      body: { ...source, ...rest }
    });
    return {
      pipeline_id: idIn('kfp', text(made.pipeline_id)),
      version_id: text(made.pipeline_version_id),
      run_id: idIn('kfp', text(made.run_id)),
      url: webUrl(made.url)
    };
  }
}
