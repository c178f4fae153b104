import * as React from 'react';

import { PopoverItem } from '../../components/Popover';
import { splitField } from '../../models/fields';
import { changed, type IPlaced, isGroupable, NAME, shifted, type Tint, toggled } from './columns';
import type { ITableContext } from './context';
import { isSortable } from './order';

const STEP = 48;

/** All that can be done with a column. */
export function HeadMenu(props: {
  table: ITableContext['table'];
  column: IPlaced;
  onResize: (by: number) => void;
  onClose: () => void;
}): JSX.Element {
  const { table, column, onClose } = props;
  const { trans } = table.tracks;
  const { field } = column;
  const { kind, key } = splitField(field);
  const { columns } = table;
  const order = table.view.order.find(item => item.field === field);
  const others = table.view.order.filter(item => item.field !== field);
  const curve = `curves.${key}`;
  const hasCurve = columns.some(item => item.field === curve);
  const then = (act: () => void) => (): void => {
    act();
    onClose();
  };
  const sort = (descending: boolean): void =>
    table.setView({ order: [{ field, descending }, ...others] });
  const tint = (wanted: Tint): void =>
    table.setColumns(
      changed(columns, field, { tint: column.tint === wanted ? undefined : wanted })
    );
  const addCurve = (): void => {
    const at = columns.findIndex(item => item.field === field);
    table.setColumns(
      hasCurve
        ? toggled(columns, curve)
        : [...columns.slice(0, at + 1), { field: curve }, ...columns.slice(at + 1)]
    );
  };
  return (
    <>
      {isSortable(field, table.isOutside) && (
        <>
          <PopoverItem
            label={trans.__('Sort ascending')}
            checked={order !== undefined && !order.descending}
            onClick={then(() => sort(false))}
          />
          <PopoverItem
            label={trans.__('Sort descending')}
            checked={order?.descending === true}
            onClick={then(() => sort(true))}
          />
          {order && (
            <PopoverItem
              label={trans.__('Do not sort by it')}
              onClick={then(() => table.setView({ order: others }))}
            />
          )}
          <hr />
        </>
      )}
      {kind === 'metrics' && (
        <>
          <PopoverItem
            label={trans.__('Colour: low is strong')}
            checked={column.tint === 'low'}
            onClick={then(() => tint('low'))}
          />
          <PopoverItem
            label={trans.__('Colour: high is strong')}
            checked={column.tint === 'high'}
            onClick={then(() => tint('high'))}
          />
          <PopoverItem
            label={trans.__('Curve beside it')}
            checked={hasCurve}
            onClick={then(addCurve)}
          />
          <hr />
        </>
      )}
      {kind !== 'curves' && isGroupable(field) && (
        <PopoverItem
          label={trans.__('Group by it')}
          checked={table.view.group === field}
          onClick={then(() => table.setView({ group: table.view.group === field ? null : field }))}
        />
      )}
      {field !== NAME && (
        <>
          <PopoverItem
            label={trans.__('Pin at the left')}
            checked={column.isPinned === true}
            onClick={then(() =>
              table.setColumns(changed(columns, field, { isPinned: !column.isPinned }))
            )}
          />
          <PopoverItem
            label={trans.__('Move left')}
            detail="Ctrl+Shift+←"
            onClick={() => table.setColumns(shifted(columns, field, -1))}
          />
          <PopoverItem
            label={trans.__('Move right')}
            detail="Ctrl+Shift+→"
            onClick={() => table.setColumns(shifted(columns, field, 1))}
          />
        </>
      )}
      <PopoverItem
        label={trans.__('Wider')}
        detail="Shift+→"
        onClick={() => props.onResize(STEP)}
      />
      <PopoverItem
        label={trans.__('Narrower')}
        detail="Shift+←"
        onClick={() => props.onResize(-STEP)}
      />
      {field !== NAME && (
        <PopoverItem
          label={trans.__('Hide')}
          onClick={then(() => table.setColumns(toggled(columns, field)))}
        />
      )}
    </>
  );
}
