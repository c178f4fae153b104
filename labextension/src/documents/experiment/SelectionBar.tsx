import * as React from 'react';

import { FEWEST, MOST } from '../../api/compare';
import { CommandIDs } from '../../commands';
import { useSignal } from '../../components/hooks';
import { Action } from '../../shared/Action';
import { count } from '../../shared/format';
import { act } from './act';
import type { ITableContext } from './context';

/** What stands below the rows: how many there are, and what can be done with those selected. */
export function SelectionBar(props: ITableContext): JSX.Element {
  const { table } = props;
  const { selection, rows } = table;
  const { trans } = table.tracks;
  useSignal(selection.changed);
  useSignal(rows.changed);
  const isGrouped = rows.asked?.group !== null && rows.asked !== null;
  const total = isGrouped ? null : rows.root.list.total;
  const selected = selection.count(total);
  const isDeleted = table.view.life === 'DELETED_ONLY';

  const execute = (command: string): Promise<void> => act(props, command);
  const words = selection.isEmpty
    ? describeAll(props, total)
    : selected === null
      ? trans.__('All that match are selected')
      : trans._n('%2 selected', '%2 selected', selected, count(selected));
  const canCompare = selected !== null && selected >= FEWEST && selected <= MOST;
  return (
    <div
      className={`jp-TracksideTable-foot ${selection.isEmpty ? '' : 'jp-mod-selected'}`}
      role="group"
      aria-label={trans.__('Selection')}
    >
      <span role="status">{words}</span>
      {!selection.isEmpty && (
        <>
          <Action
            label={trans.__('Compare')}
            title={
              canCompare
                ? trans.__('Compare the selected runs')
                : trans.__('Two to %1 runs can be compared', MOST)
            }
            disabled={!canCompare}
            onClick={() => execute(CommandIDs.compareRuns)}
          />
          <Action label={trans.__('Tag…')} onClick={() => execute(CommandIDs.tagRuns)} />
          {table.view.life !== 'ACTIVE_ONLY' && (
            <Action label={trans.__('Take back')} onClick={() => execute(CommandIDs.restoreRuns)} />
          )}
          {!isDeleted && (
            <Action label={trans.__('Delete')} onClick={() => execute(CommandIDs.deleteRuns)} />
          )}
          {!selection.isEverything && (
            <Action
              label={trans.__('Select all that match')}
              onClick={() => selection.selectEverything()}
            />
          )}
          <Action label={trans.__('Clear')} onClick={() => selection.clear()} />
        </>
      )}
    </div>
  );
}

function describeAll({ table }: ITableContext, total: number | null): string {
  const { rows } = table;
  const { trans } = table.tracks;
  const { list } = rows.root;
  if (!list.hasAnswer) {
    return '';
  }
  const { group } = rows.asked ?? {};
  if (group && group !== 'parent') {
    return list.total === null
      ? trans.__('Groups: %1 or more', count(list.count))
      : trans._n('%2 group', '%2 groups', list.total, count(list.total));
  }
  if (group === 'parent') {
    return list.total === null
      ? ''
      : trans._n('%2 run at the top', '%2 runs at the top', list.total, count(list.total));
  }
  return total === null
    ? trans.__('%1 runs or more', count(list.known))
    : trans._n('%2 run', '%2 runs', total, count(total));
}
