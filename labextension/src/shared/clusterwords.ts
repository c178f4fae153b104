import type { ICluster, IClusterQueue, IGpuType, IQuota } from '../api/clustertypes';
import { memory, number } from './format';
import type { ITrans } from './trans';

/** `5 of 8 free`, or how many there are where it is not known what is in use. */
export function freeText({ free, total }: IGpuType, trans: ITrans): string {
  return free === null ? trans.__('%1 in all', total) : trans.__('%1 of %2 free', free, total);
}

/** Beside the title of the section: the GPUs, or what is wrong. */
export function summaryText(cluster: ICluster, trans: ITrans): string {
  switch (cluster.state) {
    case 'connected': {
      const [first, ...others] = cluster.gpus;
      if (!first) {
        return '';
      }
      const more = others.length > 0 ? ` +${others.length}` : '';
      return `${first.type}  ${freeText(first, trans)}${more}`;
    }
    case 'unreachable':
      return trans.__('no answer');
    case 'denied':
      return trans.__('no access');
    default:
      return '';
  }
}

/** What is worth knowing about a type of GPU beyond how many are free. */
export function gpuNote({ fits, nodes, shared }: IGpuType, trans: ITrans): string {
  return [
    fits !== null && fits > 0 && trans.__('up to %1 on one node now', fits),
    fits === 0 && trans.__('none free on any node now'),
    trans._n('%1 node', '%1 nodes', nodes),
    shared && trans.__('shared')
  ]
    .filter(Boolean)
    .join(' · ');
}

/** `96 GiB of 256 GiB`. */
export function quotaText({ resource, used, hard }: IQuota, trans: ITrans): string {
  const isSize = /memory|storage/.test(resource);
  const show = (value: number): string => (isSize ? memory(value) : number(value));
  return trans.__('%1 of %2', show(used), show(hard));
}

/** How many wait in a queue and how many were let in. */
export function queueText({ pending, admitted }: IClusterQueue, trans: ITrans): string {
  return trans.__('%1 waiting · %2 admitted', pending, admitted);
}

/** What a queue means for the jobs of this user. */
export function queueNote({ place, stopped }: IClusterQueue, trans: ITrans): string {
  return [
    stopped && trans.__('Stopped: it lets nothing in.'),
    place === 1 && trans.__('Your job is next.'),
    place !== null && place > 1 && trans.__('Your job is %1.', ordinal(place, trans))
  ]
    .filter(Boolean)
    .join(' ');
}

/** `context, namespace team-a`. */
export function contextText({ context, namespace }: ICluster, trans: ITrans): string {
  const where = context ?? trans.__('This pod’s cluster');
  return namespace ? trans.__('%1 · namespace %2', where, namespace) : where;
}

/** What to say in the place of a cluster that cannot be shown. */
export function absenceText({ state, message, hint }: ICluster, trans: ITrans): string {
  const said = [message, hint].filter(Boolean).join(' ');
  if (said) {
    return said;
  }
  switch (state) {
    case 'none':
      return trans.__('No cluster: a kubeconfig, or Jupyter in a pod of the cluster, turns it on.');
    case 'off':
      return trans.__('The cluster is turned off in the configuration of the Jupyter server.');
    case 'denied':
      return trans.__('The cluster does not let Trackside in.');
    default:
      return trans.__('The cluster does not answer.');
  }
}

function ordinal(place: number, trans: ITrans): string {
  const tens = place % 100;
  if (tens < 11 || tens > 13) {
    switch (place % 10) {
      case 1:
        return trans.__('%1st', place);
      case 2:
        return trans.__('%1nd', place);
      case 3:
        return trans.__('%1rd', place);
    }
  }
  return trans.__('%1th', place);
}
