import { ellipsesIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { FEWEST, type IComparedRun, MOST } from '../../api/compare';
import { CommandIDs, DATA_RUN } from '../../commands';
import { type IMenuItem, MenuButton } from '../../components/Popover';
import { Action } from '../../shared/Action';
import { Swatch } from '../../shared/chart/Swatch';
import { startWords } from '../../shared/startwords';
import { StateIcon } from '../../shared/StateIcon';
import type { ICompareContext } from './context';

/** The runs that are compared: each opens, moves, leaves, or becomes what code is compared with. */
export function RunStrip(props: ICompareContext): JSX.Element {
  const { compare, comparison, commands } = props;
  const { trans } = compare.tracks;
  const { runs } = comparison;
  return (
    <div className="jp-TracksideCompare-strip">
      <ul aria-label={trans.__('Compared runs')}>
        {runs.map((run, at) => (
          <Chip key={run.run_id} {...props} run={run} at={at} />
        ))}
        {runs.length < MOST && (
          <li className="jp-mod-add">
            <Action
              label={trans.__('Add runs…')}
              onClick={async () => {
                const { pickRuns } = await import('./picker');
                const ids = await pickRuns(compare.tracks, compare.runIds);
                if (ids) {
                  compare.setRuns(ids);
                }
              }}
            />
          </li>
        )}
        {commands.hasCommand(CommandIDs.openTensorboard) && (
          <li className="jp-mod-add">
            <Action
              label={trans.__('TensorBoard')}
              title={trans.__('Open TensorBoard on these runs')}
              onClick={() =>
                commands.execute(CommandIDs.openTensorboard, { run_ids: [...compare.runIds] })
              }
            />
          </li>
        )}
      </ul>
    </div>
  );
}

function Chip(props: ICompareContext & { run: IComparedRun; at: number }): JSX.Element {
  const { compare, comparison, commands, looks, run, at } = props;
  const { trans } = compare.tracks;
  const id = run.run_id;
  const isBase = comparison.base === id;
  const last = comparison.runs.length - 1;
  const items: (IMenuItem | false)[] = [
    !isBase && {
      label: trans.__('Compare code with this run'),
      onChoose: () => compare.setBase(id)
    },
    at > 0 && { label: trans.__('Move left'), onChoose: () => compare.move(id, -1) },
    at < last && { label: trans.__('Move right'), onChoose: () => compare.move(id, 1) },
    comparison.runs.length > FEWEST && {
      label: trans.__('Leave out'),
      onChoose: () => compare.remove(id)
    }
  ];
  const { isQueued, full } = startWords(
    run.status,
    run.start_time,
    run.end_time,
    Date.now(),
    trans
  );
  const where = isQueued
    ? trans.__('%1 · %2', run.experiment_name, full)
    : trans.__('%1 · started %2', run.experiment_name, full);
  return (
    <li {...{ [DATA_RUN]: id }}>
      <Swatch look={looks.get(id)!} />
      <button
        type="button"
        className="jp-TracksideLink"
        title={where}
        onClick={() =>
          void commands.execute(CommandIDs.openRun, { run_id: id, name: run.run_name })
        }
      >
        <bdi>{run.run_name}</bdi>
      </button>
      <StateIcon state={run.status} labelled trans={trans} />
      {isBase && (
        <span className="jp-TracksideCompare-badge" title={trans.__('Code is compared with it')}>
          {trans.__('base')}
        </span>
      )}
      {run.lifecycle_stage === 'deleted' && (
        <span className="jp-TracksideCompare-badge">{trans.__('in the trash')}</span>
      )}
      <MenuButton
        label={trans.__('What to do with %1', run.run_name)}
        face={<ellipsesIcon.react tag={null} width="14px" height="14px" />}
        className="jp-TracksideIconButton"
        groups={() => [items.filter((item): item is IMenuItem => item !== false)]}
      />
    </li>
  );
}
