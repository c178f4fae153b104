import type { TranslationBundle } from '@jupyterlab/translation';

import { ApiError } from '../api/request';
import type { ILaunchForm } from './form';
import { labelOf, type TextField } from './labels';

/** The fields of the form by those of the request; those that are not always shown are left out. */
const FIELDS: Readonly<Record<string, TextField>> = {
  'resources.cpus': 'cpus',
  'resources.memory': 'memory',
  'resources.gpus': 'gpus',
  'resources.nodes': 'nodes',
  image: 'image',
  name: 'name',
  experiment: 'experiment',
  time_limit: 'timeLimit',
  retries: 'retries',
  env: 'env',
  files: 'files'
};

/** Which field a refusal is about; nothing where it is about none, or about no single one. */
export function fieldOf(error: unknown): TextField | null {
  const name = nameIn(error);
  const field = FIELDS[name.split('.')[0]] ?? FIELDS[name];
  return field ?? null;
}

/** What the server says of a refusal, with the field of the form in the place of that of the request. */
export function tell(error: ApiError, form: ILaunchForm, trans: TranslationBundle): string {
  const { message } = error;
  const name = nameIn(error);
  const field = fieldOf(error);
  if (!field || !message.startsWith(`${name} `)) {
    return message;
  }
  // Of a variable its own name is told.
  const [, own] = /^env\.(.+)$/.exec(name) ?? [];
  return `“${own ?? labelOf(field, form, trans)}”${message.slice(name.length)}`;
}

/** The field of the request; what recurs has a job in it. */
function nameIn(error: unknown): string {
  const { reason } = error instanceof ApiError ? error.details : {};
  return reason?.replace(/^job\./, '') ?? '';
}
