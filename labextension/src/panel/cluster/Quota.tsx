import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IQuota } from '../../api/clustertypes';
import { quotaText } from '../../shared/clusterwords';
import { Meter } from './Meter';
import { Part } from './Part';

/** How much the namespace may use, and how much of it is used. */
export function Quota(props: {
  quota: readonly IQuota[];
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { quota, trans } = props;
  if (quota.length === 0) {
    return null;
  }
  return (
    <Part title={trans.__('Quota of the namespace')}>
      <ul>
        {quota.map(row => (
          <li key={`${row.name} ${row.resource}`} title={`${row.name}\n${row.resource}`}>
            <div className="jp-TracksideCluster-line">
              <span>{row.label}</span>
              <span>{quotaText(row, trans)}</span>
            </div>
            <Meter
              label={trans.__('%1 in use', row.label)}
              used={row.used}
              total={row.hard}
              text={quotaText(row, trans)}
            />
          </li>
        ))}
      </ul>
    </Part>
  );
}
