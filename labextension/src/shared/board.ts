import type { IModelAlias, Stage } from '../api/registrytypes';
import { english, type ITrans } from './trans';

/** The columns of the board of stages, from left to right. */
export const STAGES: readonly Stage[] = ['None', 'Staging', 'Production', 'Archived'];

/** The aliases that say where a version stands on the board. */
const ALIASES: Partial<Record<Stage, string>> = { Staging: 'staging', Production: 'production' };

/** Whether an alias is a column of the board. */
export function isBoardAlias(alias: string): boolean {
  return Object.values(ALIASES).includes(alias);
}

/**
 * The column in which a version stands: by its aliases, which every MLflow knows, and where these say
 * nothing by what MLflow itself calls a stage and has given up.
 */
export function placeOf(aliases: readonly string[], stage: Stage): Stage {
  for (const column of ['Production', 'Staging'] as const) {
    if (aliases.includes(ALIASES[column]!)) {
      return column;
    }
  }
  return STAGES.includes(stage) ? stage : 'None';
}

/** The column to the left or the right of one; the same at the edge. */
export function neighbour(stage: Stage, by: -1 | 1): Stage {
  const at = STAGES.indexOf(stage) + by;
  return STAGES[Math.min(STAGES.length - 1, Math.max(0, at))];
}

/** What a column is called. */
export function stageName(stage: Stage, trans: ITrans = english): string {
  switch (stage) {
    case 'None':
      return trans.__('None');
    case 'Staging':
      return trans.__('Staging');
    case 'Production':
      return trans.__('Production');
    case 'Archived':
      return trans.__('Archived');
  }
}

/** Where a version of a model stands, for one line. */
export interface IStanding {
  version: string;
  /** A stage in small letters, or an alias with its `@`. */
  word: string;
  isStage: boolean;
}

/** Where the versions of a model stand: production first, then staging, then what else has a name. */
export function standings(model: {
  aliases: readonly IModelAlias[];
  latest_versions: readonly { version: string; current_stage: Stage }[];
}): IStanding[] {
  const found: IStanding[] = [];
  for (const stage of ['Production', 'Staging'] as const) {
    const alias = model.aliases.find(one => one.alias === ALIASES[stage]);
    const staged = model.latest_versions.find(one => one.current_stage === stage);
    const version = alias?.version ?? staged?.version;
    if (version) {
      found.push({ version, word: stage.toLowerCase(), isStage: true });
    }
  }
  const others = model.aliases.filter(({ alias }) => !isBoardAlias(alias));
  return [
    ...found,
    ...others.map(({ alias, version }) => ({ version, word: `@${alias}`, isStage: false }))
  ];
}

/** The number of the newest version, or nothing. */
export function newestVersion(versions: readonly { version: string }[]): string | null {
  const numbers = versions.map(({ version }) => Number(version)).filter(Number.isFinite);
  return numbers.length ? String(Math.max(...numbers)) : null;
}
