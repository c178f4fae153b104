/** The JSON of the registry: MLflow's routes, and what Trackside adds to them. */

import type { IKeyValue } from './types';

/** MLflow's word for where a version stands; on the board of stages, a column. */
export type Stage = 'None' | 'Staging' | 'Production' | 'Archived';

/** One version of a registered model. */
export interface IModelVersion {
  name: string;
  version: string;
  creation_timestamp: number;
  last_updated_timestamp: number;
  current_stage: Stage;
  description: string;
  source: string;
  /** Empty when no run made it. */
  run_id: string;
  /** The logged model of MLflow 3 that it is made of, or empty. */
  model_id: string;
  user_id: string;
  /** `READY`, or why it is not yet. */
  status: string;
  tags: IKeyValue[];
  aliases: string[];
}

/** A name that a version of a model goes by. */
export interface IModelAlias {
  alias: string;
  version: string;
}

/** A registered model. */
export interface IRegisteredModel {
  name: string;
  creation_timestamp: number;
  last_updated_timestamp: number;
  description: string;
  /** The newest version of each stage that has one. */
  latest_versions: IModelVersion[];
  tags: IKeyValue[];
  aliases: IModelAlias[];
}

/** One page of registered models. */
export interface IModelPage {
  models: IRegisteredModel[];
  nextPageToken: string | null;
}

/** One page of versions. */
export interface IVersionPage {
  versions: IModelVersion[];
  nextPageToken: string | null;
}

/** One line of the history of promotions. */
export interface IPromotion {
  number: number;
  name: string;
  kind: 'alias' | 'stage';
  /** The alias that moved. */
  alias?: string;
  /** The version that changed its stage. */
  version?: string;
  from: string | null;
  to: string | null;
  actor: string;
  reason: string;
  time: number;
  /** The number of the move that it belongs to. */
  move: number;
  /** The move that it takes back. */
  reverts: number | null;
  /** Whether it was made elsewhere, and only noticed at that time. */
  seen: boolean;
}

/** A page of the history, the newest line first. */
export interface IHistory {
  promotions: IPromotion[];
  before: number | null;
  /** Since when moves are written down, where MLflow's server keeps the models. */
  since: number | null;
}

/** Which versions had which aliases and stages at a moment. */
export interface IHolders {
  aliases: Record<string, string>;
  stages: Record<string, string[]>;
}

/** A model that a run logged, as MLflow 3 keeps it. */
export interface ILoggedModel {
  model_id: string;
  name: string;
  source_run_id: string;
  artifact_uri: string;
}
