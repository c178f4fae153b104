import * as React from 'react';

import { PopoverItem } from '../../components/Popover';
import type { ITableContext } from './context';
import { groupLabel } from './words';

/** How many params and tags are listed before one has to search. */
const LISTED = 30;

/** Chooses by what the runs are grouped. */
export function GroupMenu(props: ITableContext & { onClose: () => void }): JSX.Element {
  const { table, onClose } = props;
  const { trans } = table.tracks;
  const [search, setSearch] = React.useState('');
  const fixed = [
    null,
    'parent',
    'attributes.status',
    'attributes.user_id',
    ...(table.experimentIds.length > 1 ? ['experiment'] : [])
  ];
  const words = search.trim().toLowerCase();
  const keys = [
    ...(table.keys?.params ?? []).map(key => `params.${key}`),
    ...(table.keys?.tags ?? [])
      .filter(key => !/^(mlflow|trackside)\./.test(key))
      .map(key => `tags.${key}`)
  ].filter(key => key.toLowerCase().includes(words));
  const item = (by: string | null): JSX.Element => (
    <PopoverItem
      key={by}
      label={groupLabel(by, trans)}
      checked={table.view.group === by}
      onClick={() => {
        table.setView({ group: by });
        onClose();
      }}
    />
  );
  return (
    <div className="jp-TracksideTableMenu">
      {fixed.map(item)}
      <hr />
      <input
        type="search"
        className="jp-TracksideInput"
        placeholder={trans.__('Find a param or tag…')}
        aria-label={trans.__('Find a param or tag')}
        value={search}
        onChange={event => setSearch(event.target.value)}
      />
      <div className="jp-TracksideTableMenu-list">{keys.slice(0, LISTED).map(item)}</div>
    </div>
  );
}
