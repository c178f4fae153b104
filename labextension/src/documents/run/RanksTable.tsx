import * as React from 'react';

import type { IRank } from '../../api/clustertypes';
import { LongTable } from '../../components/LongTable';
import { Action } from '../../shared/Action';
import { moment } from '../../shared/format';
import { StateIcon } from '../../shared/StateIcon';
import { rankLook } from '../../shared/states';
import type { ITrans } from '../../shared/trans';

/** The pods of a job: one row each. */
export function RanksTable(props: {
  ranks: readonly IRank[];
  onLog: (rank: number) => void;
  trans: ITrans;
}): JSX.Element {
  const { ranks, onLog, trans } = props;
  return (
    <LongTable
      label={trans.__('Ranks')}
      className="jp-mod-ranks"
      rows={ranks}
      filter={trans.__('Filter %1 ranks', ranks.length)}
      textOf={rank =>
        [rank.rank, rank.node, rankLook(rank.state, trans).label, rank.reason].join(' ')
      }
      head={
        <tr>
          <th scope="col" className="jp-mod-rank">
            {trans.__('Rank')}
          </th>
          <th scope="col" className="jp-mod-state">
            {trans.__('State')}
          </th>
          <th scope="col">{trans.__('Node')}</th>
          <th scope="col" className="jp-mod-number">
            {trans.__('Restarts')}
          </th>
          <th scope="col" className="jp-mod-number">
            {trans.__('Exit code')}
          </th>
          <th scope="col" className="jp-mod-log">
            <span className="jp-TracksideHidden">{trans.__('Log')}</span>
          </th>
        </tr>
      }
      renderRow={rank => (
        <React.Fragment key={rank.rank}>
          <tr>
            <th scope="row" className="jp-mod-rank" title={rank.pod ?? undefined}>
              {rank.rank}
            </th>
            <td title={timesText(rank)}>
              <span className="jp-TracksideRank-state">
                <StateIcon state={rankLook(rank.state).icon} />
                <span>{rankLook(rank.state, trans).label}</span>
              </span>
            </td>
            <td title={rank.node ?? undefined}>{rank.node ?? '–'}</td>
            <td className="jp-mod-number">{rank.restarts}</td>
            <td className="jp-mod-number">{rank.exit_code ?? '–'}</td>
            <td className="jp-mod-log">
              <Action
                label={trans.__('Log')}
                title={trans.__('Show the log of rank %1', rank.rank)}
                onClick={() => onLog(rank.rank)}
              />
            </td>
          </tr>
          {rank.reason && (
            <tr className="jp-mod-why">
              <td />
              <td colSpan={5}>{rank.reason}</td>
            </tr>
          )}
        </React.Fragment>
      )}
      trans={trans}
    />
  );
}

function timesText({ started_at, ended_at }: IRank): string {
  return [started_at, ended_at]
    .filter((at): at is number => at !== null)
    .map(moment)
    .join(' – ');
}
