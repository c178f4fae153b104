import * as React from 'react';

import type { IRank } from '../../api/clustertypes';
import { RowFilter } from '../../components/RowFilter';
import { Action } from '../../shared/Action';
import { moment } from '../../shared/format';
import { StateIcon } from '../../shared/StateIcon';
import { rankLook } from '../../shared/states';
import type { ITrans } from '../../shared/trans';
import { useRows } from './KeyTable';

/** The pods of a job: one row each. */
export function RanksTable(props: {
  ranks: readonly IRank[];
  onLog: (rank: number) => void;
  trans: ITrans;
}): JSX.Element {
  const { ranks, onLog, trans } = props;
  const view = useRows(ranks, rank =>
    [rank.rank, rank.node, rankLook(rank.state, trans).label, rank.reason].join(' ')
  );
  return (
    <>
      <RowFilter
        count={ranks.length}
        label={trans.__('Filter %1 ranks', ranks.length)}
        query={view.query}
        onQuery={view.setQuery}
      />
      <table className="jp-TracksideTable jp-mod-ranks" aria-label={trans.__('Ranks')}>
        <thead>
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
        </thead>
        <tbody>
          {view.shown.map(rank => (
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
          ))}
        </tbody>
      </table>
      {view.left > 0 && (
        <Action label={trans.__('Show %1 more', view.left)} onClick={view.showMore} />
      )}
    </>
  );
}

function timesText({ started_at, ended_at }: IRank): string {
  return [started_at, ended_at]
    .filter((at): at is number => at !== null)
    .map(moment)
    .join(' – ');
}
