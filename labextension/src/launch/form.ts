import { kindOf } from '../paths';
import type { IJobRequest, IPreviewParam, IRunner, ParamValue } from '../api/types';
import { joinGpus } from './gpus';
import { isDuration, isSize, lines, parseValue, showValue } from './values';

/** What to train. */
export interface ITarget {
  kind: 'cell' | 'notebook' | 'script';
  path: string;
}

/** A param in the form. */
export interface IParamRow {
  name: string;
  value: string;
  /** The value that the file declares; nothing for params that were added by hand. */
  initial: string | null;
  help?: string;
}

/** What is filled in, as typed. */
export interface ILaunchForm {
  path: string;
  params: IParamRow[];
  cpus: string;
  memory: string;
  gpus: string;
  /** `cluster`, `local`, or nothing when that was not said. */
  on: string;
  /** What follows, up to `install`, is for the cluster only. */
  gpuType: string;
  nodes: string;
  image: string;
  queue: string;
  runtime: string;
  install: boolean;
  name: string;
  experiment: string;
  timeLimit: string;
  retries: string;
  env: string;
  files: string;
}

/** The fields that can be wrong. */
export type FormField = keyof ILaunchForm;

/** What is wrong with a field. */
export type Mistake =
  'empty' | 'kind' | 'name' | 'number' | 'whole' | 'count' | 'size' | 'duration' | 'env' | 'gpus';

/** A form in which nothing is filled in. */
export const EMPTY_FORM: ILaunchForm = {
  path: '',
  params: [],
  cpus: '',
  memory: '',
  gpus: '',
  on: '',
  gpuType: '',
  nodes: '',
  image: '',
  queue: '',
  runtime: '',
  install: false,
  name: '',
  experiment: '',
  timeLimit: '',
  retries: '',
  env: '',
  files: ''
};

/** Whether the job is to run on the cluster. */
export function isOnCluster(form: Pick<ILaunchForm, 'on'>): boolean {
  return form.on === 'cluster';
}

/** What is wrong, by field. */
export function findMistakes(
  form: ILaunchForm,
  target: ITarget,
  runner: IRunner | null
): Map<FormField, Mistake> {
  const mistakes = new Map<FormField, Mistake>();
  const check = (field: FormField, isRight: boolean, mistake: Mistake): void => {
    if (!isRight && !mistakes.has(field)) {
      mistakes.set(field, mistake);
    }
  };
  const optional = (text: string, test: (text: string) => boolean): boolean =>
    !text.trim() || test(text.trim());
  const isWhole = (text: string): boolean => /^\d+$/.test(text);

  if (target.kind !== 'cell') {
    check('path', form.path.trim() !== '', 'empty');
    check('path', kindOf(form.path.trim()) !== null, 'kind');
  }
  check('params', form.params.every(isNamed), 'name');
  check(
    'cpus',
    optional(form.cpus, text => Number(text) > 0 && Number.isFinite(Number(text))),
    'number'
  );
  check('memory', optional(form.memory, isSize), 'size');
  check('gpus', optional(form.gpus, isWhole), 'whole');
  if (isOnCluster(form)) {
    check(
      'nodes',
      optional(form.nodes, text => isWhole(text) && Number(text) > 0),
      'count'
    );
  } else {
    check('gpus', !runner || Number(form.gpus || 0) <= runner.gpus.length, 'gpus');
  }
  check('timeLimit', optional(form.timeLimit, isDuration), 'duration');
  check('retries', optional(form.retries, isWhole), 'whole');
  check(
    'env',
    lines(form.env).every(line => /^[A-Za-z_]\w*=/.test(line)),
    'env'
  );
  return mistakes;
}

/** The params that a file declares, with what was filled in before. */
export function mergeParams(
  declared: readonly IPreviewParam[],
  filled: readonly IParamRow[]
): IParamRow[] {
  const known = new Map(filled.map(row => [row.name, row]));
  const rows = declared.map(param => {
    // What has no default that can be told, or None.
    const initial = param.default === null ? '' : showValue(param.default);
    const before = known.get(param.name);
    known.delete(param.name);
    // What nobody changed follows the file.
    const isChanged = before !== undefined && before.value !== (before.initial ?? '');
    return {
      name: param.name,
      value: isChanged ? before.value : initial,
      initial,
      help: param.help ?? undefined
    };
  });
  return [...rows, ...[...known.values()].filter(row => row.initial === null && row.value)];
}

/**
 * The params to send: what a notebook declares and what was changed or added. What is left empty has its default; an
 * empty text is typed in quotes.
 */
export function paramsOf(form: ILaunchForm, target: ITarget): Record<string, ParamValue> {
  return Object.fromEntries(
    form.params
      .filter(({ name, value }) => name.trim() && value.trim())
      .filter(
        ({ value, initial }) => initial === null || value !== initial || target.kind === 'notebook'
      )
      .map(({ name, value }) => [name.trim(), parseValue(value)])
  );
}

/** The body of the submission. */
export function toRequest(form: ILaunchForm, target: ITarget, key: string): IJobRequest {
  return { ...toWanted(form, target), idempotency_key: key };
}

/** What is asked for, each time that it is. */
export function toWanted(form: ILaunchForm, target: ITarget): Omit<IJobRequest, 'idempotency_key'> {
  const path = form.path.trim();
  const number = (text: string): number | undefined => (text.trim() ? Number(text) : undefined);
  const text = (value: string): string | undefined => value.trim() || undefined;
  const isFar = isOnCluster(form);
  return {
    kind: kindOf(path) ?? 'script',
    path,
    params: paramsOf(form, target),
    name: text(form.name),
    experiment: text(form.experiment),
    resources: {
      cpus: number(form.cpus),
      memory: text(form.memory),
      gpus: isFar && form.gpuType.trim() ? joinGpus(form) : number(form.gpus),
      nodes: isFar ? number(form.nodes) : undefined
    },
    on: text(form.on),
    ...(isFar && {
      image: text(form.image),
      queue: text(form.queue),
      runtime: text(form.runtime),
      install: form.install || undefined
    }),
    time_limit: text(form.timeLimit),
    retries: number(form.retries),
    env: Object.fromEntries(
      lines(form.env).map(line => [
        line.slice(0, line.indexOf('=')).trim(),
        line.slice(line.indexOf('=') + 1)
      ])
    ),
    files: lines(form.files),
    source: { path, notebook: kindOf(path) === 'notebook' ? path : undefined }
  };
}

/**
 * What is remembered of a form for the next time. Not the name, which is used once, and not the
 * environment, which may hold secrets.
 */
export function toRemember(form: ILaunchForm): Partial<ILaunchForm> {
  const { params, cpus, memory, gpus, experiment, timeLimit, retries, files } = form;
  const { on, gpuType, nodes, image, queue, runtime, install } = form;
  const place = { on, gpuType, nodes, image, queue, runtime, install };
  return { params, cpus, memory, gpus, ...place, experiment, timeLimit, retries, files };
}

function isNamed(row: IParamRow): boolean {
  const name = row.name.trim();
  return name === '' ? row.value.trim() === '' : /^[A-Za-z_][\w.-]*$/.test(name);
}
