import * as React from 'react';

import { useSignal } from '../../components/hooks';
import type { ClusterModel } from '../../models/cluster';
import { freeText, summaryText } from '../../shared/clusterwords';
import { moment } from '../../shared/format';

/** For how long the last answer is worth showing after the section was folded. */
const FRESH = 120_000;

/** What is free, beside the title of the section. */
export function ClusterSummary(props: { cluster: ClusterModel }): React.ReactElement {
  const { cluster, askedAt, isWatched, model } = props.cluster;
  const { trans } = model;
  useSignal(props.cluster.changed);
  const [, forget] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    if (isWatched) {
      return undefined;
    }
    const timer = setTimeout(forget, FRESH);
    return () => clearTimeout(timer);
  }, [isWatched]);
  const isKnown = cluster !== null && (isWatched || Date.now() - askedAt < FRESH);
  if (!isKnown) {
    return <span className="jp-TracksideCount" />;
  }
  const lines = cluster.gpus.map(gpu => `${gpu.type}: ${freeText(gpu, trans)}`);
  return (
    <span className="jp-TracksideCount" title={[...lines, moment(askedAt)].join('\n')}>
      {summaryText(cluster, trans)}
    </span>
  );
}
