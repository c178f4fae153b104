import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IGpuType } from '../../api/clustertypes';
import { freeText, gpuNote } from '../../shared/clusterwords';
import { memory } from '../../shared/format';
import { Meter } from './Meter';
import { Part } from './Part';

/** The GPUs of the cluster by type: how many are free, and how many on one node. */
export function GpuTypes(props: {
  gpus: readonly IGpuType[];
  /** Whether the nodes can be seen. */
  isKnown: boolean;
  trans: TranslationBundle;
}): React.ReactElement {
  const { gpus, isKnown, trans } = props;
  return (
    <Part title={trans.__('GPUs')}>
      {gpus.length === 0 && (
        <p className="jp-TracksideCluster-note">
          {isKnown
            ? trans.__('The nodes of this cluster have no GPUs.')
            : trans.__('Trackside may not see the nodes, so it does not know their GPUs.')}
        </p>
      )}
      {gpus.length > 0 && (
        <ul>
          {gpus.map(gpu => (
            <li key={gpu.type} title={about(gpu)}>
              <div className="jp-TracksideCluster-line">
                <span>{gpu.type}</span>
                <span>{freeText(gpu, trans)}</span>
              </div>
              {gpu.used !== null && (
                <Meter
                  label={trans.__('%1 in use', gpu.type)}
                  used={gpu.used}
                  total={gpu.total}
                  text={trans.__('%1 of %2 in use', gpu.used, gpu.total)}
                />
              )}
              <div className="jp-TracksideCluster-note">{gpuNote(gpu, trans)}</div>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}

function about({ product, memory: bytes, resource }: IGpuType): string {
  return [product, bytes !== null && memory(bytes), resource].filter(Boolean).join('\n');
}
