import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { FEWEST, MOST } from '../api/compare';
import { CommandIDs, DATA_RUN } from '../commands';
import { useSignal } from '../components/hooks';
import { autoColumns } from '../models/fields';
import { Action } from '../shared/Action';
import { curveColumn, columnLabel, type IListedRun } from '../shared/runs/rows';
import { RunTable } from '../shared/runs/RunTable';
import { useTrans } from '../shared/trans-context';
import { Fallback } from './Fallback';
import { toListed } from './listed';
import type { RunList } from './runlist';
import { useOutside } from './useOutside';
import { useRunCurves } from './useRunCurves';
import { useSeen } from './useSeen';

/** How many columns a list chooses for itself. */
const COLUMNS = 6;

/** Several runs, one a line, live. */
export function RunsOutput(props: {
  list: RunList;
  commands: CommandRegistry;
  fallback: string;
}): JSX.Element {
  const { list, commands, fallback } = props;
  const trans = useTrans();
  useSignal(list.changed);
  const [host, isSeen] = useSeen<HTMLDivElement>();
  const [selected, setSelected] = React.useState<string[]>([]);
  React.useEffect(() => {
    if (isSeen) {
      list.start();
    }
  }, [list, isSeen]);
  const frame = useOutside(list.model, list.isLive, () => list.refresh());
  const runs = list.runs;
  const rows = React.useMemo(() => (runs ?? []).map(toListed), [runs]);
  const columns = React.useMemo(() => autoColumns(runs ?? [], COLUMNS), [runs]);
  const [range, setRange] = React.useState<[number, number]>([0, 0]);
  const onRange = React.useCallback((from: number, to: number) => setRange([from, to]), []);
  const metric = curveColumn(columns);
  const inView = React.useMemo(() => rows.slice(...range), [rows, range]);
  const curves = useRunCurves(
    list.model,
    inView,
    metric === undefined ? null : columnLabel(metric)
  );
  if (!runs || rows.length === 0) {
    return (
      <div ref={frame}>
        <div ref={host}>
          <Fallback html={fallback} sentence={list.problem} />
        </div>
      </div>
    );
  }
  const open = (run: IListedRun): void =>
    void commands.execute(CommandIDs.openRun, { run_id: run.run_id, name: run.run_name });
  return (
    <div ref={frame}>
      <section ref={host} className="jp-TracksideCard jp-mod-list" aria-label={trans.__('Runs')}>
        <div className="jp-TracksideCard-head">
          <span className="jp-TracksideCard-dim">{trans._n('%1 run', '%1 runs', rows.length)}</span>
          <span className="jp-TracksideCard-actions">
            {commands.hasCommand(CommandIDs.compareRuns) && (
              <Action
                label={trans.__('Compare')}
                title={trans.__('Compare the selected runs, %1 to %2', FEWEST, MOST)}
                disabled={selected.length < FEWEST || selected.length > MOST}
                onClick={() => commands.execute(CommandIDs.compareRuns, { run_ids: selected })}
              />
            )}
          </span>
        </div>
        <RunTable
          label={trans.__('Runs')}
          count={rows.length}
          rowAt={index => rows[index]}
          onRange={onRange}
          columns={columns}
          curves={curves}
          selected={selected}
          onSelect={setSelected}
          onOpen={open}
          attributes={run => ({ [DATA_RUN]: run.run_id })}
        />
        {list.problem && <p className="jp-TracksideCard-notice">{list.problem}</p>}
      </section>
    </div>
  );
}
