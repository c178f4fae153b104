import type { IJobDetail, IRun, ParamValue } from '../api/types';
import { EMPTY_FORM, type ILaunchForm } from '../launch/form';
import { parseCell, toCell } from '../launch/magic';
import { showValue } from '../launch/values';
import { quoted } from '../shared/python';
import type { ITrans } from '../shared/trans';

const GIB = 2 ** 30;

/** A cell of the notebook that is made. */
interface INewCell {
  cell_type: 'code' | 'markdown';
  source: string;
  metadata: Record<string, unknown>;
}

/** What is known of a run, to make a notebook of. */
export interface INotebookSource {
  run: IRun;
  job: IJobDetail | null;
  /** The cell as it was executed, where there was one. */
  code: string | null;
}

/** A notebook with the code of a run: what it was, its params, its code, and how to run it as a job again. */
export function notebookOf(source: INotebookSource, trans: ITrans): Record<string, unknown> {
  const { run, job } = source;
  // What was sent with `%%train` may carry that line.
  const code = source.code?.startsWith('%%') ? parseCell(source.code).code : source.code;
  const params = job ? Object.entries(job.params) : typedParams(run);
  const cells: INewCell[] = [markdown(introduction(source, trans))];
  if (params.length > 0) {
    const text = params
      .filter(([name]) => isName(name))
      .map(assignment)
      .join('\n');
    cells.push(python(text, { tags: ['parameters'] }));
  }
  if (code !== null) {
    cells.push(python(code));
  }
  if (job && code !== null) {
    cells.push(
      markdown(trans.__('To run it as a job again, on what it asked for then:')),
      python('%load_ext trackside'),
      python(toCell(formOf(job), { extra: [], code }))
    );
  } else if (job) {
    cells.push(
      markdown(trans.__('To run it as a job again, with the code and the files as they were:')),
      python(`import trackside as ts\n\nts.get_job(${quoted(job.job_id)}).rerun()`)
    );
  }
  return {
    cells: cells.map((cell, at) => ({
      id: `trackside-${at}`,
      ...cell,
      ...(cell.cell_type === 'code' && { execution_count: null, outputs: [] })
    })),
    metadata: {
      kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
      trackside: { run_id: run.info.run_id }
    },
    nbformat: 4,
    nbformat_minor: 5
  };
}

function markdown(source: string): INewCell {
  return { cell_type: 'markdown', source, metadata: {} };
}

function python(source: string, metadata: Record<string, unknown> = {}): INewCell {
  return { cell_type: 'code', source, metadata };
}

function introduction({ run, job }: INotebookSource, trans: ITrans): string {
  const { info, tags } = run;
  const origin = job?.source?.label ?? tags.get('mlflow.source.name');
  const commit = tags.get('mlflow.source.git.commit');
  return [
    `# ${plain(info.run_name)}`,
    [
      trans.__('The code of the run %1.', literal(info.run_id)),
      origin && trans.__('It came from %1.', literal(origin)),
      commit && trans.__('The commit was %1.', literal(commit))
    ]
      .filter(Boolean)
      .join(' ')
  ].join('\n\n');
}

/** A name that Markdown does not interpret. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]()<>#+!|~&$-]/g, '\\$&');
}

function literal(text: string): string {
  return `\`${text.replace(/[`\r\n]+/g, ' ')}\``;
}

function isName(name: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name);
}

function assignment([name, value]: [string, ParamValue]): string {
  const text = typeof value === 'string' ? quoted(value) : showValue(value);
  return `${name} = ${text}`;
}

/** Params of a run are texts; what looks like a number or a truth value is written as one. */
function typedParams(run: IRun): [string, ParamValue][] {
  return [...run.params].map(([name, text]) => {
    const isNumber = text.trim() !== '' && Number.isFinite(Number(text));
    const words: Record<string, ParamValue> = { True: true, False: false, None: null };
    return [name, isNumber ? Number(text) : text in words ? words[text] : text];
  });
}

/** What a job asked for, as the form of a launch has it. */
export function formOf(job: IJobDetail): ILaunchForm {
  const { resources, spec } = job;
  const text = (name: string): string => (typeof spec[name] === 'string' ? String(spec[name]) : '');
  const count = (value: number | null | undefined): string => (value ? String(value) : '');
  const isFar = job.runner !== 'local';
  return {
    ...EMPTY_FORM,
    params: Object.entries(job.params).map(([name, value]) => ({
      name,
      value: showValue(value),
      initial: null
    })),
    on: isFar ? 'cluster' : '',
    cpus: count(resources.cpus),
    memory: resources.memory ? `${Number((resources.memory / GIB).toFixed(3))}Gi` : '',
    gpus: count(resources.gpus),
    gpuType: resources.gpu ?? '',
    nodes: isFar && (resources.nodes ?? 1) > 1 ? String(resources.nodes) : '',
    image: text('image'),
    queue: text('queue'),
    runtime: text('runtime'),
    install: spec.install === true,
    experiment: job.experiment_name,
    timeLimit: job.time_limit ? `${job.time_limit}s` : '',
    retries: job.max_attempts > 1 ? String(job.max_attempts - 1) : ''
  };
}
