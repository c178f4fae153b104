import type { ITableQuestion } from '../../api/table';
import { type Field, splitField } from '../../models/fields';
import { quoted } from '../../shared/python';
import { quotedText } from './grammar';

/** The names that `trackside.runs` gives to attributes. */
const NAMES: Record<string, string> = {
  run_name: 'name',
  status: 'status',
  start_time: 'started',
  duration: 'duration',
  experiment: 'experiment',
  run_id: 'run_id'
};

/** The lines of Python that give exactly this table. */
export function tableSnippet(table: {
  question: ITableQuestion;
  experiments: readonly string[];
  columns: readonly Field[];
  total: number | null;
}): string {
  const { question, experiments, columns, total } = table;
  const names = [...new Set(['attributes.run_name', ...columns].flatMap(columnName)), 'run_id'];
  const lines = [
    'import trackside',
    '',
    'runs = trackside.runs(',
    `    ${list(experiments)},`,
    ...(question.filter ? [`    ${quoted(question.filter)},`] : []),
    ...(question.order_by?.length ? [`    order_by=${list(question.order_by)},`] : []),
    `    max_results=${Math.max(1, total ?? 100_000)},`,
    ')',
    `runs = runs.reindex(columns=${list(names)})`
  ];
  return lines.join('\n');
}

/** The question narrowed to some runs. */
export function narrowed(question: ITableQuestion, runIds: readonly string[]): ITableQuestion {
  return {
    ...question,
    filter: `attributes.run_id IN (${runIds.map(quotedText).join(', ')})`,
    view: 'ALL'
  };
}

function columnName(field: Field): string[] {
  const { kind, key } = splitField(field);
  if (kind === 'attributes') {
    return key in NAMES ? [NAMES[key]] : [];
  }
  return kind === 'curves' ? [] : [field];
}

function list(items: readonly string[]): string {
  return `[${items.map(quoted).join(', ')}]`;
}
