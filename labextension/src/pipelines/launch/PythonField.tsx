import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Select } from '../../launch/Select';
import type { RunFormModel } from './model';
import type { IPython } from './pythons';

/** Which interpreter runs the Python components, where there is a choice. */
export function PythonField(props: { model: RunFormModel }): React.ReactElement | null {
  const { model } = props;
  const { form, trans, pythons } = model;
  if (pythons.every(({ path }) => path === form.python) || form.on === 'cluster') {
    return null;
  }
  return (
    <Select
      label={trans.__('Python')}
      value={form.python}
      onChange={python => model.setForm({ python })}
      choices={pythons.map(python => ({ value: python.path, label: labelOf(python, trans) }))}
    />
  );
}

function labelOf({ path, kernel }: IPython, trans: TranslationBundle): string {
  if (path) {
    return trans.__('%1: %2', kernel, path);
  }
  return kernel
    ? trans.__('%1: that of this Jupyter server', kernel)
    : trans.__('that of this Jupyter server');
}
