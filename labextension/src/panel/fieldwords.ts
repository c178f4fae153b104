import type { TranslationBundle } from '@jupyterlab/translation';

import type { IRun } from '../api/types';
import { type Field, fieldValue, splitField } from '../models/fields';
import { ago, moment, number } from '../shared/format';
import { startWords } from '../shared/startwords';
import { stateLook } from '../shared/states';

/** The heading of a column. */
export function fieldLabel(field: Field, trans: TranslationBundle): string {
  switch (field) {
    case 'attributes.start_time':
      return trans.__('Started');
    case 'attributes.end_time':
      return trans.__('Ended');
    case 'attributes.run_name':
      return trans.__('Name');
    case 'attributes.status':
      return trans.__('State');
    case 'attributes.user_id':
      return trans.__('User');
    default:
      return splitField(field).key;
  }
}

/** A value as the table shows it, and in full. */
export function fieldText(
  run: IRun,
  field: Field,
  trans: TranslationBundle,
  now: number
): { text: string; full: string } {
  const value = fieldValue(run, field);
  if (value === null) {
    return { text: '', full: '' };
  }
  if (field === 'attributes.status') {
    const text = stateLook(String(value), trans).label;
    return { text, full: text };
  }
  if (field === 'attributes.start_time') {
    const { status, start_time, end_time } = run.info;
    const { text, full } = startWords(status, start_time, end_time, now, trans);
    return { text, full };
  }
  if (field.endsWith('_time') && typeof value === 'number') {
    return { text: ago(value, Math.max(now, value), trans), full: moment(value) };
  }
  return typeof value === 'number'
    ? { text: number(value), full: String(value) }
    : { text: value, full: value };
}
