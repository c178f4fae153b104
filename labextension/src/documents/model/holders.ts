import type { IHolders, Stage } from '../../api/registrytypes';
import { type IStanding, standings } from '../../shared/board';

/** Who held what at a moment: the version in production first, then all others. */
export function standingsOn(holders: IHolders): {
  production: string | null;
  others: IStanding[];
} {
  const aliases = Object.entries(holders.aliases).map(([alias, version]) => ({ alias, version }));
  const staged = Object.entries(holders.stages).flatMap(([stage, versions]) =>
    versions.map(version => ({ version, current_stage: stage as Stage }))
  );
  // The newest one speaks for a stage that several versions stood in.
  staged.sort((one, other) => Number(other.version) - Number(one.version));
  const found = standings({ aliases, latest_versions: staged });
  return {
    production: found.find(({ word }) => word === 'production')?.version ?? null,
    others: found.filter(({ word }) => word !== 'production')
  };
}
