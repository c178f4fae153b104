import type { TranslationBundle } from '@jupyterlab/translation';

import type { ICluster, IGpuType, IRuntime } from '../api/clustertypes';
import type { IGpu, IRunner } from '../api/types';
import { absenceText, freeText as freeGpus } from '../shared/clusterwords';
import { memory } from '../shared/format';
import type { Mistake } from './form';
import type { IChoice } from './Select';

/** What a runner has and what of it is free. */
export function freeText(runner: IRunner, trans: TranslationBundle): string {
  const parts = [
    runner.cpus !== null && trans._n('%1 CPU', '%1 CPUs', runner.cpus),
    runner.memory !== null && memory(runner.memory),
    gpuText(runner.gpus, trans)
  ].filter(Boolean);
  const places = (runner.max_jobs ?? 0) - runner.running;
  const load =
    places > 0 && runner.queued === 0
      ? trans._n('room for %1 more job', 'room for %1 more jobs', places)
      : trans.__('%1 running, %2 waiting', runner.running, runner.queued);
  return `${parts.join(' · ')} · ${load}`;
}

/** What of a cluster is free, or what is wrong with it. */
export function clusterText(cluster: ICluster | null, trans: TranslationBundle): string {
  if (!cluster) {
    return trans.__('There is no cluster.');
  }
  if (cluster.state !== 'connected') {
    return absenceText(cluster, trans);
  }
  return (
    cluster.gpus.map(gpu => `${gpu.type}: ${freeGpus(gpu, trans)}`).join(' · ') ||
    trans.__('no GPU')
  );
}

/** The types of GPU, each with what of it is free now. */
export function gpuChoices(gpus: readonly IGpuType[], trans: TranslationBundle): IChoice[] {
  return [
    { value: '', label: trans.__('any') },
    ...gpus.map(gpu => ({
      value: gpu.type,
      label: [
        gpu.type,
        freeGpus(gpu, trans),
        gpu.fits !== null && trans.__('up to %1 on one node', gpu.fits)
      ]
        .filter(Boolean)
        .join(' · ')
    }))
  ];
}

/** The training runtimes; without one the job is a plain one. */
export function runtimeChoices(runtimes: readonly IRuntime[], trans: TranslationBundle): IChoice[] {
  return [
    { value: '', label: trans.__('default') },
    ...runtimes.map(({ name, framework }) => ({
      value: name,
      label: [name, framework].filter(Boolean).join(' · ')
    }))
  ];
}

/** What is wrong with a field and what to write. */
export function mistakeText(
  mistake: Mistake,
  runner: IRunner | null,
  trans: TranslationBundle
): string {
  switch (mistake) {
    case 'empty':
      return trans.__('Name the notebook or script to train.');
    case 'kind':
      return trans.__('Only notebooks (.ipynb) and scripts (.py) can be trained.');
    case 'name':
      return trans.__('A param has a name of letters, digits and underscores.');
    case 'number':
      return trans.__('A number above 0.');
    case 'whole':
      return trans.__('A whole number.');
    case 'count':
      return trans.__('A whole number above 0.');
    case 'size':
      return trans.__('A size such as 512Mi or 16Gi.');
    case 'duration':
      return trans.__('A duration such as 90s, 30m or 2h.');
    case 'env':
      return trans.__('One NAME=value a line.');
    case 'gpus':
      return trans._n(
        'There is %1 GPU in all.',
        'There are %1 GPUs in all.',
        runner?.gpus.length ?? 0
      );
  }
}

function gpuText(gpus: readonly IGpu[], trans: TranslationBundle): string {
  if (gpus.length === 0) {
    return trans.__('no GPU');
  }
  const names = [...new Set(gpus.map(gpu => gpu.name))];
  return names
    .map(name => {
      const same = gpus.filter(gpu => gpu.name === name);
      const free = same.filter(gpu => gpu.in_use_by === null).length;
      return trans.__('%1 of %2 %3 free', free, same.length, name);
    })
    .join(', ');
}
