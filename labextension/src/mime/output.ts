import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';

import { FEWEST, MOST } from '../api/compare';

/** What an output shows. */
export type Output =
  | { kind: 'job'; jobId: string; runId: string | null; name: string }
  | { kind: 'jobs'; jobIds: string[] }
  | { kind: 'run'; runId: string; name: string }
  | { kind: 'runs'; runIds: string[] }
  | { kind: 'experiment'; experimentId: string; name: string; filter: string }
  | { kind: 'model'; name: string }
  | { kind: 'pipeline_run'; runId: string; name: string }
  | { kind: 'compare'; runIds: string[] }
  | { kind: 'banner'; text: string }
  | { kind: 'unknown' };

/** Most jobs or runs that one output lists. */
const MAX_LISTED = 500;

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(text).filter(Boolean) : [];
}

/** Read what an output holds. Notebooks come from anywhere, so nothing is taken for granted. */
export function readOutput(data: ReadonlyPartialJSONValue | undefined): Output {
  const raw = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  switch (raw.kind) {
    case 'job':
      return text(raw.job_id)
        ? {
            kind: 'job',
            jobId: text(raw.job_id),
            runId: text(raw.run_id) || null,
            name: text(raw.name)
          }
        : { kind: 'unknown' };
    case 'jobs':
      return { kind: 'jobs', jobIds: texts(raw.job_ids).slice(0, MAX_LISTED) };
    case 'runs':
      return { kind: 'runs', runIds: texts(raw.run_ids).slice(0, MAX_LISTED) };
    case 'compare': {
      const runIds = texts(raw.run_ids).slice(0, MOST);
      return runIds.length >= FEWEST ? { kind: 'compare', runIds } : { kind: 'unknown' };
    }
    case 'experiment':
      return text(raw.experiment_id)
        ? {
            kind: 'experiment',
            experimentId: text(raw.experiment_id),
            name: text(raw.name),
            filter: text(raw.filter)
          }
        : { kind: 'unknown' };
    case 'model':
      return text(raw.name) ? { kind: 'model', name: text(raw.name) } : { kind: 'unknown' };
    case 'pipeline_run':
      return text(raw.run_id)
        ? { kind: 'pipeline_run', runId: text(raw.run_id), name: text(raw.name) }
        : { kind: 'unknown' };
    case 'run':
      return text(raw.run_id)
        ? { kind: 'run', runId: text(raw.run_id), name: text(raw.name) }
        : { kind: 'unknown' };
    case 'banner':
      return { kind: 'banner', text: text(raw.text) };
    default:
      return { kind: 'unknown' };
  }
}

/** What makes two outputs the same view, whatever else in them changed. */
export function identityOf(output: Output): string {
  switch (output.kind) {
    case 'job':
      return `job:${output.jobId}`;
    case 'jobs':
      return `jobs:${output.jobIds.join()}`;
    case 'run':
    case 'pipeline_run':
      return `${output.kind}:${output.runId}`;
    case 'runs':
    case 'compare':
      return `${output.kind}:${output.runIds.join()}`;
    case 'experiment':
      return `experiment:${JSON.stringify([output.experimentId, output.filter])}`;
    case 'model':
      return `model:${output.name}`;
    case 'banner':
      return `banner:${output.text}`;
    case 'unknown':
      return 'unknown';
  }
}
