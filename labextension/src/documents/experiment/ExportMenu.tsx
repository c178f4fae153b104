import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { explain } from '../../api/request';
import { PopoverItem } from '../../components/Popover';
import type { Selection } from '../../models/selection';
import { count } from '../../shared/format';
import { fromLeft } from './columns';
import type { ITableContext } from './context';
import { valuesOf } from './rows';
import { narrowed, tableSnippet } from './snippet';
import { download, takenOf } from './taken';

/** How many runs can be named in code that somebody reads. */
const MOST_IN_CODE = 1000;

/** Takes the table away: as a file, or as the Python that gives it. */
export function ExportMenu(props: ITableContext & { onClose: () => void }): JSX.Element {
  const { table, onClose } = props;
  const { trans } = table.tracks;
  const { selection } = table;
  const [problem, setProblem] = React.useState('');
  const [isBusy, setBusy] = React.useState(false);
  const fields = fromLeft(table.columns).map(({ field }) => field);
  const taken = takenOf(table.question, selection);
  const named = selection.isEverything ? [] : [...selection.ids];
  const isActive = table.view.life === 'ACTIVE_ONLY';
  const isCode = isActive && !taken.picked?.without && named.length <= MOST_IN_CODE;

  const take = async (format: 'csv' | 'parquet', isWhole: boolean): Promise<void> => {
    setProblem('');
    setBusy(true);
    try {
      const values = isWhole ? {} : valuesOf(fields);
      await download(table.api, { ...taken, question: { ...taken.question, ...values } }, format);
      onClose();
    } catch (error) {
      setProblem(explain(error, trans));
    } finally {
      setBusy(false);
    }
  };
  const copy = (): void => {
    Clipboard.copyToSystem(
      tableSnippet({
        question: named.length ? narrowed(table.question, named) : table.question,
        experiments: table.experimentIds.map(table.nameOf),
        columns: fields,
        total: named.length || totalOf(table.rows)
      })
    );
    onClose();
  };
  return (
    <div className="jp-TracksideTableMenu">
      <p>{whichRuns(selection, trans)}</p>
      <PopoverItem
        label={trans.__('CSV, these columns')}
        disabled={isBusy}
        onClick={() => void take('csv', false)}
      />
      <PopoverItem
        label={trans.__('CSV, everything')}
        disabled={isBusy}
        onClick={() => void take('csv', true)}
      />
      <PopoverItem
        label={trans.__('Parquet, these columns')}
        disabled={isBusy}
        onClick={() => void take('parquet', false)}
      />
      <PopoverItem
        label={trans.__('Parquet, everything')}
        disabled={isBusy}
        onClick={() => void take('parquet', true)}
      />
      <PopoverItem
        label={
          isCode
            ? trans.__('Copy as pandas code')
            : !isActive
              ? trans.__('Copy as pandas code (only of active runs)')
              : trans.__('Copy as pandas code (up to %1 selected runs)', count(MOST_IN_CODE))
        }
        disabled={!isCode}
        onClick={copy}
      />
      {problem && (
        <p className="jp-TracksideTableFilter-error" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

/** How many runs match, where that is known: a list of groups, or of runs at the top, says something else. */
function totalOf({ asked, root }: ITableContext['table']['rows']): number | null {
  return asked?.group === null ? root.list.total : null;
}

function whichRuns({ isEverything, ids }: Selection, trans: TranslationBundle): string {
  if (isEverything) {
    return ids.size
      ? trans._n(
          'All runs that match but %2',
          'All runs that match but %2',
          ids.size,
          count(ids.size)
        )
      : trans.__('All runs that match');
  }
  return ids.size
    ? trans._n('The %2 selected run', 'The %2 selected runs', ids.size, count(ids.size))
    : trans.__('All runs that match');
}
