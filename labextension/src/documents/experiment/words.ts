import type { TranslationBundle } from '@jupyterlab/translation';

import type { ITableRow } from '../../api/table';
import { type Field, splitField } from '../../models/fields';
import { fieldLabel } from '../../panel/fieldwords';
import { ago, exactDuration, moment, number } from '../../shared/format';
import { startWords } from '../../shared/startwords';
import { stateLook } from '../../shared/states';

/** A value as a cell shows it, and in full. */
export interface IWords {
  text: string;
  full: string;
}

const NOTHING: IWords = { text: '', full: '' };

/** The attributes that can be columns. */
export const ATTRIBUTE_COLUMNS = [
  'start_time',
  'duration',
  'status',
  'user_id',
  'end_time',
  'experiment',
  'run_id'
].map(key => `attributes.${key}`);

/** The heading of a column. */
export function heading(field: Field, trans: TranslationBundle): string {
  const { kind, key } = splitField(field);
  switch (field) {
    case 'attributes.duration':
      return trans.__('Duration');
    case 'attributes.experiment':
      return trans.__('Experiment');
    case 'attributes.run_id':
      return trans.__('Run ID');
    default:
      return kind === 'curves' ? trans.__('%1 curve', key) : fieldLabel(field, trans);
  }
}

/** The heading in full: what kind of thing it is, too. */
export function fullHeading(field: Field, trans: TranslationBundle): string {
  const { kind, key } = splitField(field);
  switch (kind) {
    case 'metrics':
      return trans.__('Metric %1', key);
    case 'params':
      return trans.__('Param %1', key);
    case 'tags':
      return trans.__('Tag %1', key);
    default:
      return heading(field, trans);
  }
}

/** What a cell says. */
export function cellWords(
  row: ITableRow,
  field: Field,
  now: number,
  nameOf: (experimentId: string) => string,
  trans: TranslationBundle
): IWords {
  const { kind, key } = splitField(field);
  switch (kind) {
    case 'metrics': {
      const value = row.metrics[key];
      return value === undefined ? NOTHING : { text: number(value), full: String(value) };
    }
    case 'params':
      return same(row.params[key] ?? '');
    case 'tags':
      return same(row.tags[key] ?? '');
    case 'attributes':
      return attributeWords(row, key, now, nameOf, trans);
    default:
      return NOTHING;
  }
}

/** What a group is called. */
export function groupWords(
  by: string,
  value: string | null,
  nameOf: (experimentId: string) => string,
  trans: TranslationBundle
): string {
  if (value === null || value === '') {
    return value === null ? trans.__('none') : trans.__('empty');
  }
  switch (by) {
    case 'attributes.status':
      return stateLook(value, trans).label;
    case 'experiment':
      return nameOf(value);
    default:
      return value;
  }
}

/** What a table is grouped by. */
export function groupLabel(by: string | null, trans: TranslationBundle): string {
  switch (by) {
    case null:
      return trans.__('No groups');
    case 'parent':
      return trans.__('Nested runs');
    case 'experiment':
      return trans.__('Experiment');
    default:
      return fullHeading(by, trans);
  }
}

function attributeWords(
  row: ITableRow,
  key: string,
  now: number,
  nameOf: (experimentId: string) => string,
  trans: TranslationBundle
): IWords {
  const start = startWords(row.status, row.start_time, row.end_time, now, trans);
  switch (key) {
    case 'start_time':
      return { text: start.text, full: start.full };
    case 'end_time':
      return row.end_time === null ? NOTHING : time(row.end_time, now, trans);
    case 'duration': {
      const took = (row.end_time ?? Math.max(now, row.start_time)) - row.start_time;
      return start.took ? { text: start.took, full: exactDuration(took) } : NOTHING;
    }
    case 'status':
      return same(stateLook(row.status, trans).label);
    case 'user_id':
      return same(row.user_id);
    case 'experiment':
      return same(nameOf(row.experiment_id));
    case 'run_id':
      return same(row.run_id);
    default:
      return NOTHING;
  }
}

function time(then: number, now: number, trans: TranslationBundle): IWords {
  return then ? { text: ago(then, Math.max(now, then), trans), full: moment(then) } : NOTHING;
}

function same(text: string): IWords {
  return { text, full: text };
}
