import * as React from 'react';

import type { IImport } from '../api/transfers';
import { askForm, type IAnswer } from '../components/submitdialog';
import { ImportForm } from './ImportForm';
import type { ImportModel } from './model';

/** Ask where to import from, and show what comes; gives the import that goes on when the dialog is closed. */
export async function openImportDialog(model: ImportModel): Promise<IAnswer<IImport> | null> {
  const { trans } = model;
  void model.join();
  return askForm({
    trans,
    title: trans.__('Import from MLflow'),
    form: model,
    content: <ImportForm model={model} />,
    accept: () => ({ label: trans.__('Import') }),
    close: trans.__('Close'),
    focus: 'input'
  });
}
