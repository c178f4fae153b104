import * as React from 'react';

import type { IJobCluster } from '../../api/clustertypes';
import { CopyButton } from '../../components/CopyButton';
import { number } from '../../shared/format';
import type { ITrans } from '../../shared/trans';
import { Facts, Section } from './Facts';
import type { RunModel } from './model';
import { RanksTable } from './RanksTable';

/** Where a job is on the cluster, and how each of its pods fares. */
export function ClusterSection(props: { run: RunModel; cluster: IJobCluster }): JSX.Element {
  const { run, cluster } = props;
  const { trans } = run.tracks;
  return (
    <Section title={trans.__('Cluster')}>
      <Facts
        facts={[
          { name: trans.__('Namespace'), value: cluster.namespace },
          {
            name: cluster.kind,
            value: (
              <>
                <span>{cluster.name}</span>
                <CopyButton
                  text={kubectl(cluster)}
                  label={trans.__('Copy “%1”', kubectl(cluster))}
                  trans={trans}
                />
              </>
            )
          },
          cluster.image && { name: trans.__('Image'), value: cluster.image },
          cluster.queue && { name: trans.__('Queue'), value: cluster.queue },
          cluster.gpu_seconds && {
            name: trans.__('GPU time'),
            value: gpuTime(cluster.gpu_seconds, cluster.idle_gpu_seconds ?? 0, trans)
          },
          cluster.lane && { name: trans.__('Metrics'), value: laneText(cluster.lane, trans) }
        ]}
        trans={trans}
      />
      {cluster.ranks.length > 0 && (
        <RanksTable
          ranks={cluster.ranks}
          onLog={rank => {
            run.rank = rank;
            run.tab = 'logs';
          }}
          trans={trans}
        />
      )}
    </Section>
  );
}

/** The command that tells all that the cluster knows of a job. */
function kubectl({ namespace, kind, name }: IJobCluster): string {
  return `kubectl -n ${namespace} describe ${kind.toLowerCase()} ${name}`;
}

/** `3.2 GPU-hours, 12 % idle`. */
export function gpuTime(seconds: number, idle: number, trans: ITrans): string {
  const minutes = seconds / 60;
  const time =
    minutes < 30
      ? trans.__('%1 GPU-minutes', number(rounded(minutes)))
      : trans.__('%1 GPU-hours', number(rounded(minutes / 60)));
  return trans.__('%1, %2 % idle', time, Math.round((100 * Math.min(idle, seconds)) / seconds));
}

function rounded(value: number): number {
  return value < 10 ? Math.max(0.1, Number(value.toFixed(1))) : Math.round(value);
}

function laneText(lane: 'server' | 'stdout', trans: ITrans): string {
  return lane === 'server'
    ? trans.__('logged straight to this server')
    : trans.__('read from what it prints');
}
