import { type ILaunchForm, type IParamRow, isOnCluster } from './form';
import { joinGpus, splitGpus } from './gpus';
import { lines, quoteWord, splitWords } from './values';

const MAGIC = '%%train';

/** The options that the form knows, and their fields. */
const FIELDS = {
  '--on': 'on',
  '--cpus': 'cpus',
  '--memory': 'memory',
  '--gpus': 'gpus',
  '--nodes': 'nodes',
  '--image': 'image',
  '--queue': 'queue',
  '--runtime': 'runtime',
  '--name': 'name',
  '--experiment': 'experiment',
  '--time-limit': 'timeLimit',
  '--retries': 'retries'
} as const;

/** Those of them that only the cluster knows. */
const FAR = new Set<string>(['nodes', 'image', 'queue', 'runtime']);

/** Options that have no value. */
const SWITCHES = new Set(['--wait', '--help', '-h']);

/** A cell taken apart: the options of its `%%train` line, if it has one, and the code below. */
export interface ICellParts {
  form: Partial<ILaunchForm>;
  /** The options that the form does not know; they are kept. */
  extra: string[];
  code: string;
}

/** Take a cell apart. */
export function parseCell(source: string): ICellParts {
  const [first = '', ...rest] = source.split('\n');
  if (!/^%%train(\s|$)/.test(first)) {
    return { form: {}, extra: [], code: source };
  }
  const form: Partial<ILaunchForm> = {};
  const params: IParamRow[] = [];
  const env: string[] = [];
  const files: string[] = [];
  const extra: string[] = [];
  const words = splitWords(first.slice(MAGIC.length)).flatMap(splitAssignment);
  for (let index = 0; index < words.length; index += 1) {
    const option = words[index];
    if (option === '--install') {
      form.install = true;
      continue;
    }
    if (SWITCHES.has(option) || !option.startsWith('-')) {
      extra.push(option);
      continue;
    }
    index += 1;
    const value = words[index] ?? '';
    if (option === '--gpus') {
      const { gpus, gpuType } = splitGpus(value);
      Object.assign(form, gpuType ? { gpus, gpuType } : { gpus });
    } else if (option in FIELDS) {
      form[FIELDS[option as keyof typeof FIELDS]] = value;
    } else if (option === '--param' || option === '-p') {
      const [name, text] = splitPair(value);
      params.push({ name, value: text, initial: null });
    } else if (option === '--env' && value.includes('=')) {
      env.push(value);
    } else if (option === '--file') {
      files.push(value);
    } else {
      extra.push(option, value);
    }
  }
  if (!form.on && (form.gpuType || form.install || [...FAR].some(field => field in form))) {
    // Only the cluster can do that, so that is where it runs.
    form.on = 'cluster';
  }
  return {
    form: { ...form, params, env: env.join('\n'), files: files.join('\n') },
    extra,
    code: rest.join('\n')
  };
}

/** The cell with a `%%train` line for what was filled in. */
export function toCell(form: ILaunchForm, parts: Pick<ICellParts, 'extra' | 'code'>): string {
  const words: string[] = [MAGIC];
  const add = (option: string, value: string): void => {
    if (value.trim()) {
      words.push(option, quoteWord(value.trim()));
    }
  };
  const isFar = isOnCluster(form);
  for (const [option, field] of Object.entries(FIELDS)) {
    if (isFar || !FAR.has(field)) {
      add(option, isFar && field === 'gpus' ? joinGpus(form) : form[field]);
    }
  }
  if (isFar && form.install) {
    words.push('--install');
  }
  for (const { name, value } of form.params) {
    if (name.trim()) {
      words.push('--param', quoteWord(`${name.trim()}=${value}`));
    }
  }
  lines(form.env).forEach(line => add('--env', line));
  lines(form.files).forEach(line => add('--file', line));
  words.push(...parts.extra.map(quoteWord));
  return `${words.join(' ')}\n${parts.code}`;
}

// `--gpus=1` is `--gpus 1`.
function splitAssignment(word: string): string[] {
  const match = /^(--[\w-]+)=(.*)$/s.exec(word);
  return match ? [match[1], match[2]] : [word];
}

function splitPair(text: string): [string, string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}
