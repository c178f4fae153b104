import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { number } from '../../shared/format';
import { KeyTable } from '../run/KeyTable';

/** What a task said of an artifact; of metrics, the numbers themselves. */
export function MetricsTable(props: {
  metadata: Record<string, unknown>;
  trans: TranslationBundle;
  isMain: boolean;
}): JSX.Element | null {
  const { metadata, trans, isMain } = props;
  const rows = React.useMemo(
    () =>
      Object.entries(metadata)
        // The SDK notes here by itself under which name it keeps an artifact.
        .filter(([key]) => key !== 'display_name' && key !== 'store_session_info')
        .map(([key, value]): [string, string] => [key, shown(value)]),
    [metadata]
  );
  if (!rows.length) {
    return isMain ? (
      <p className="jp-TracksideDoc-note">{trans.__('No metric was logged.')}</p>
    ) : null;
  }
  return (
    <KeyTable
      rows={rows}
      label={isMain ? trans.__('Metrics') : trans.__('Metadata')}
      trans={trans}
    />
  );
}

function shown(value: unknown): string {
  return typeof value === 'number'
    ? number(value)
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
}
