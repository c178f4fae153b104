import type { TranslationBundle } from '@jupyterlab/translation';

import { type ILaunchForm, isOnCluster } from './form';

/** The fields that hold a text. */
export type TextField = Exclude<keyof ILaunchForm, 'params' | 'install'>;

/** How a field is called. */
export function labelOf(field: TextField, form: ILaunchForm, trans: TranslationBundle): string {
  // What is asked for is what each of them has.
  const isEach = isOnCluster(form) && Number(form.nodes) > 1;
  switch (field) {
    case 'path':
      return trans.__('Notebook or script');
    case 'cpus':
      return isEach ? trans.__('CPUs per node') : trans.__('CPUs');
    case 'memory':
      return isEach ? trans.__('Memory limit per node') : trans.__('Memory limit');
    case 'gpus':
      return isEach ? trans.__('GPUs per node') : trans.__('GPUs');
    case 'on':
      return trans.__('Where');
    case 'gpuType':
      return trans.__('GPU type');
    case 'nodes':
      return trans.__('Nodes');
    case 'image':
      return trans.__('Image');
    case 'queue':
      return trans.__('Queue');
    case 'runtime':
      return trans.__('Training runtime');
    case 'name':
      return trans.__('Name');
    case 'experiment':
      return trans.__('Experiment');
    case 'timeLimit':
      return trans.__('Time limit');
    case 'retries':
      return trans.__('Retries');
    case 'env':
      return trans.__('Environment variables');
    case 'files':
      return trans.__('Files to take along');
  }
}
