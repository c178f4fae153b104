import * as React from 'react';

import { askForm } from '../components/submitdialog';
import { ImportForm } from './ImportForm';
import type { ImportModel } from './model';

/** Ask where to import from, and show what comes. The import goes on when the dialog is closed. */
export async function openImportDialog(model: ImportModel): Promise<void> {
  const { trans } = model;
  void model.join();
  await askForm({
    trans,
    title: trans.__('Import from MLflow'),
    form: model,
    content: <ImportForm model={model} />,
    accept: () => ({ label: trans.__('Import') }),
    close: trans.__('Close'),
    focus: 'input'
  });
}
