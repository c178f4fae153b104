import * as React from 'react';

import type { IRank } from '../../api/clustertypes';
import { rankLook } from '../../shared/states';
import { useTrans } from '../../shared/trans-context';

/** Chooses the log of one of the pods of a job. */
export function RankChooser(props: {
  ranks: readonly IRank[];
  rank: number;
  onRank: (rank: number) => void;
}): JSX.Element {
  const { ranks, rank, onRank } = props;
  const trans = useTrans();
  return (
    <select
      className="jp-TracksideSelect"
      aria-label={trans.__('Rank')}
      value={rank}
      onChange={event => onRank(Number(event.target.value))}
    >
      {ranks.map(({ rank: number, state }) => (
        <option key={number} value={number}>
          {trans.__('Rank %1, %2', number, rankLook(state, trans).label.toLowerCase())}
        </option>
      ))}
    </select>
  );
}
