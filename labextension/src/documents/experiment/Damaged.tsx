import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Action } from '../../shared/Action';
import type { ITableContext } from './context';
import { overwrite } from './overwrite';
import { type ITableView, lostOf } from './view';

/** What is missing of the saved view that was chosen, and how to mend it. */
export function Damaged({ table }: ITableContext): JSX.Element | null {
  const { trans } = table.tracks;
  const { damaged } = table;
  if (!damaged) {
    return null;
  }
  const { name, definition } = damaged;
  const lost = lostOf(definition).map(part => partWords(part, trans));
  return (
    <div className="jp-TracksideNotice jp-mod-warn" role="status">
      <p>
        {trans.__(
          'The saved view %1 is damaged. What can be read of it is shown; missing in part or wholly: %2.',
          name,
          lost.join(', ')
        )}
      </p>
      <div className="jp-TracksideNotice-actions">
        <Action
          label={trans.__('Save as it is shown')}
          title={trans.__('Save what is shown as %1', name)}
          onClick={() => overwrite(table, damaged)}
        />
        <Action label={trans.__('Dismiss')} onClick={() => table.leaveSaved()} />
      </div>
    </div>
  );
}

function partWords(part: keyof ITableView, trans: TranslationBundle): string {
  switch (part) {
    case 'filter':
      return trans.__('filter');
    case 'life':
      return trans.__('which runs');
    case 'order':
      return trans.__('order');
    case 'columns':
      return trans.__('columns');
    case 'nameWidth':
      return trans.__('width of the names');
    case 'group':
      return trans.__('groups');
    case 'hasCharts':
      return trans.__('charts');
  }
}
