import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';

/** The MIME type of Trackside's outputs; they hold ids, and the server the rest. */
export const MIME_TYPE = 'application/vnd.trackside.v1+json';

/** What an output shows. */
export type Output =
  | { kind: 'job'; jobId: string; runId: string | null; name: string }
  | { kind: 'jobs'; jobIds: string[] }
  | { kind: 'run'; runId: string; name: string }
  | { kind: 'banner'; text: string }
  | { kind: 'unknown' };

/** Most jobs that one output lists. */
const MAX_JOBS = 200;

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
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
    case 'jobs': {
      const ids: unknown[] = Array.isArray(raw.job_ids) ? raw.job_ids : [];
      return { kind: 'jobs', jobIds: ids.map(text).filter(Boolean).slice(0, MAX_JOBS) };
    }
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
      return `run:${output.runId}`;
    case 'banner':
      return `banner:${output.text}`;
    case 'unknown':
      return 'unknown';
  }
}
