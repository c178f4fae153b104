import { Clipboard } from '@jupyterlab/apputils';
import * as React from 'react';

import { explain } from '../../api/request';
import type { ITableQuestion } from '../../api/table';
import { PopoverItem } from '../../components/Popover';
import type { ITableContext } from './context';
import { valuesOf } from './rows';
import { narrowed, tableSnippet } from './snippet';

/** How many runs can be named in the address of a file. */
const MOST_NAMED = 150;

/** Takes the table away: as a file, or as the Python that gives it. */
export function ExportMenu(props: ITableContext & { onClose: () => void }): JSX.Element {
  const { table, onClose } = props;
  const { trans } = table.tracks;
  const { selection } = table;
  const [problem, setProblem] = React.useState('');
  const [isBusy, setBusy] = React.useState(false);
  const fields = table.columns.map(({ field }) => field);
  const named = !selection.isEverything && selection.ids.size <= MOST_NAMED ? selection.ids : [];
  const ids = [...named];
  const base = table.question;
  const question: ITableQuestion = ids.length ? narrowed(base, ids) : base;

  const download = async (format: 'csv' | 'parquet', isWhole: boolean): Promise<void> => {
    setProblem('');
    setBusy(true);
    try {
      const values = isWhole ? {} : valuesOf(fields);
      const link = document.createElement('a');
      link.href = await table.api.exportUrl({ ...question, ...values }, format);
      link.download = '';
      link.click();
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
        question,
        experiments: table.experimentIds.map(table.nameOf),
        columns: fields,
        total: ids.length || table.rows.root.list.total
      })
    );
    onClose();
  };
  return (
    <div className="jp-TracksideTableMenu">
      <p>
        {ids.length
          ? trans._n('The %1 selected run', 'The %1 selected runs', ids.length)
          : trans.__('All runs that match')}
      </p>
      <PopoverItem
        label={trans.__('CSV, these columns')}
        disabled={isBusy}
        onClick={() => void download('csv', false)}
      />
      <PopoverItem
        label={trans.__('CSV, everything')}
        disabled={isBusy}
        onClick={() => void download('csv', true)}
      />
      <PopoverItem
        label={trans.__('Parquet, these columns')}
        disabled={isBusy}
        onClick={() => void download('parquet', false)}
      />
      <PopoverItem
        label={trans.__('Parquet, everything')}
        disabled={isBusy}
        onClick={() => void download('parquet', true)}
      />
      <PopoverItem label={trans.__('Copy as pandas code')} onClick={copy} />
      {problem && (
        <p className="jp-TracksideTableFilter-error" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
