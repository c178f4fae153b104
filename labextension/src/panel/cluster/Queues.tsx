import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IClusterQueue } from '../../api/clustertypes';
import { queueNote, queueText } from '../../shared/clusterwords';
import { Part } from './Part';

/** The queues of Kueue that jobs of the namespace may wait in. */
export function Queues(props: {
  queues: readonly IClusterQueue[];
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { queues, trans } = props;
  if (queues.length === 0) {
    return null;
  }
  return (
    <Part title={trans.__('Queues')}>
      <ul>
        {queues.map(queue => (
          <li key={queue.name} title={trans.__('Cluster queue %1', queue.cluster_queue)}>
            <div className="jp-TracksideCluster-line">
              <span>{queue.name}</span>
              <span>{queueText(queue, trans)}</span>
            </div>
            <div className="jp-TracksideCluster-note">{queueNote(queue, trans)}</div>
          </li>
        ))}
      </ul>
    </Part>
  );
}
