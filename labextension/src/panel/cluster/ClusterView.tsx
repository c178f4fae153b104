import * as React from 'react';

import type { ICluster } from '../../api/clustertypes';
import { EmptyState } from '../../components/EmptyState';
import { useInView, useSignal } from '../../components/hooks';
import { Skeleton } from '../../components/Skeleton';
import type { ClusterModel } from '../../models/cluster';
import { absenceText, contextText } from '../../shared/clusterwords';
import { GpuTypes } from './GpuTypes';
import { Missing } from './Missing';
import { Queues } from './Queues';
import { Quota } from './Quota';
import { useStill } from './useStill';

/** The cluster: what it has, what of it is free, who waits, and what Trackside may not do. */
export function ClusterView(props: { cluster: ClusterModel }): React.ReactElement {
  const { cluster: model } = props;
  const { trans, connection } = model.model;
  useSignal(model.changed);
  const [frame, isInView] = useInView<HTMLDivElement>('0px');
  React.useEffect(() => {
    if (!isInView) {
      return undefined;
    }
    model.watch();
    return () => model.unwatch();
  }, [model, isInView]);
  const [cluster, handlers] = useStill(model.cluster, shapeOf);
  // When the Jupyter server is away, the panel says so above.
  const problem = connection.state === 'ok' ? model.problem : '';
  return (
    <div ref={frame} className="jp-TracksideCluster" {...handlers}>
      {problem && (
        <p className="jp-TracksideNotice jp-mod-alert" role="status">
          {problem}
        </p>
      )}
      {!cluster && !problem && <Skeleton rows={4} />}
      {cluster?.state === 'connected' && <Connected cluster={cluster} model={model} />}
      {(cluster?.state === 'none' || cluster?.state === 'off') && (
        <EmptyState sentence={absenceText(cluster, trans)} trans={trans} />
      )}
      {(cluster?.state === 'unreachable' || cluster?.state === 'denied') && (
        <>
          <p className="jp-TracksideCluster-context" title={cluster.server ?? undefined}>
            {contextText(cluster, trans)}
          </p>
          <p className="jp-TracksideNotice jp-mod-warn" role="status">
            {absenceText(cluster, trans)}
          </p>
          <Missing
            intro={trans.__('Whoever runs the cluster can give these rights:')}
            missing={cluster.missing}
            namespace={cluster.namespace}
            trans={trans}
          />
        </>
      )}
    </div>
  );
}

function Connected(props: { cluster: ICluster; model: ClusterModel }): React.ReactElement {
  const { cluster, model } = props;
  const { trans } = model.model;
  const { nodes, version, server, message, hint } = cluster;
  const about = [
    server,
    version && trans.__('Kubernetes %1', version),
    nodes && trans.__('%1 of %2 nodes ready', nodes.ready, nodes.total)
  ];
  return (
    <>
      <p className="jp-TracksideCluster-context" title={about.filter(Boolean).join('\n')}>
        {contextText(cluster, trans)}
      </p>
      {message && (
        <p className="jp-TracksideNotice jp-mod-warn" role="status">
          {[message, hint].filter(Boolean).join(' ')}
        </p>
      )}
      <GpuTypes gpus={cluster.gpus} isKnown={nodes !== null} trans={trans} />
      <Quota quota={cluster.quota} trans={trans} />
      <Queues queues={cluster.queues} trans={trans} />
      <Missing
        intro={trans.__('The rest works. Whoever runs the cluster can give these rights:')}
        missing={cluster.missing}
        namespace={cluster.namespace}
        trans={trans}
      />
    </>
  );
}

/** What decides where things stand: a change of it moves what is below. */
function shapeOf(cluster: ICluster | null): string {
  return JSON.stringify(
    cluster && [
      cluster.state,
      cluster.message,
      cluster.gpus.map(gpu => gpu.type),
      cluster.quota.map(quota => [quota.name, quota.resource]),
      cluster.queues.map(queue => [queue.name, queue.place === null && !queue.stopped]),
      cluster.missing.map(missing => missing.what)
    ]
  );
}
