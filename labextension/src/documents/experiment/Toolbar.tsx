import * as React from 'react';

import type { RunLife } from '../../api/table';
import { useFocusBack, useSignal } from '../../components/hooks';
import { PopoverButton } from '../../components/Popover';
import { Action } from '../../shared/Action';
import { ColumnChooser } from './ColumnChooser';
import type { ITableContext } from './context';
import { Damaged } from './Damaged';
import { ExportMenu } from './ExportMenu';
import { FilterBox } from './FilterBox';
import { GroupMenu } from './GroupMenu';
import { ViewsMenu } from './ViewsMenu';
import { groupLabel } from './words';

/** What stands above the rows: what to look for, and how to show it. */
export function Toolbar(props: ITableContext): JSX.Element {
  const { table, isCompact } = props;
  const { view } = table;
  const { trans } = table.tracks;
  const lives: [RunLife, string][] = [
    ['ACTIVE_ONLY', trans.__('Active')],
    ['DELETED_ONLY', trans.__('In the trash')],
    ['ALL', trans.__('All')]
  ];
  useSignal(table.views.changed);
  const tools = useFocusBack<HTMLDivElement>(table.damaged !== null);
  return (
    <div className="jp-TracksideTable-bar">
      <FilterBox {...props} />
      <div
        ref={tools}
        className="jp-TracksideTable-tools"
        role="group"
        aria-label={trans.__('How the runs are shown')}
      >
        <select
          className="jp-TracksideSelect"
          aria-label={trans.__('Which runs')}
          value={view.life}
          onChange={event => table.setView({ life: event.target.value as RunLife })}
        >
          {lives.map(([life, label]) => (
            <option key={life} value={life}>
              {label}
            </option>
          ))}
        </select>
        <PopoverButton
          label={trans.__('Group by: %1', groupLabel(view.group, trans))}
          face={view.group ? groupLabel(view.group, trans) : trans.__('Group')}
        >
          {close => <GroupMenu {...props} onClose={close} />}
        </PopoverButton>
        <PopoverButton label={trans.__('Columns')}>
          {() => <ColumnChooser {...props} />}
        </PopoverButton>
        <PopoverButton label={trans.__('Views')}>
          {close => <ViewsMenu {...props} onClose={close} />}
        </PopoverButton>
        <PopoverButton label={trans.__('Export')}>
          {close => <ExportMenu {...props} onClose={close} />}
        </PopoverButton>
        {!isCompact && (
          <Action
            label={trans.__('Charts')}
            pressed={view.hasCharts}
            onClick={() => table.setView({ hasCharts: !view.hasCharts })}
          />
        )}
      </div>
      <Damaged {...props} />
    </div>
  );
}
