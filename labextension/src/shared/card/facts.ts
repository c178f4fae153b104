import type { IFailure, IJob } from '../../api/types';
import { duration, memory, number, size } from '../format';
import type { ITrans } from '../trans';

/** What the card shows beyond a job's summary, once it is known. */
export interface ICardDetails {
  git?: { branch: string | null; commit: string; changed: number } | null;
  took?: { names: string[]; files: number; bytes: number } | null;
  failure?: IFailure | null;
}

/** What a next step would change of the job that failed. */
export interface INextStep {
  label: string;
  overrides: { resources?: { memory: number }; time_limit?: number };
}

/** Where the job runs, in the words of the tour. */
export function place(job: IJob, trans: ITrans, machine?: string): string {
  if (job.cluster) {
    const { namespace } = job.cluster;
    return [trans.__('cluster %1', namespace), sizeText(job, trans)].filter(Boolean).join(', ');
  }
  const where = machine ?? (job.runner === 'local' ? trans.__('this machine') : job.runner);
  if (job.gpus.length === 0) {
    return where;
  }
  return trans._n('%2, GPU %3', '%2, GPUs %3', job.gpus.length, where, job.gpus.join(', '));
}

/** `2 x A100-80GB`: the GPUs that the job asked for, or nothing. */
export function gpusText({ resources }: IJob, trans: ITrans): string {
  const { gpus, gpu } = resources;
  if (!gpus) {
    return '';
  }
  return gpu ? trans.__('%1 x %2', gpus, gpu) : trans._n('%1 GPU', '%1 GPUs', gpus);
}

/** `2 nodes, 2 x A100-80GB each`. */
export function sizeText(job: IJob, trans: ITrans): string {
  const gpus = gpusText(job, trans);
  const nodes = job.resources.nodes ?? 1;
  if (nodes <= 1) {
    return gpus;
  }
  return gpus
    ? trans._n('%1 node, %2 each', '%1 nodes, %2 each', nodes, gpus)
    : trans._n('%1 node', '%1 nodes', nodes);
}

/** `epoch 3 of 5`. */
export function progressText(job: IJob, trans: ITrans): string {
  const { progress } = job;
  if (!progress) {
    return '';
  }
  const value = number(progress.value);
  const unit = progress.unit ?? '';
  if (progress.total === null) {
    return unit ? `${unit} ${value}` : value;
  }
  if (!unit && progress.total === 100) {
    return `${value} %`;
  }
  const text = trans.__('%1 of %2', value, number(progress.total));
  return unit ? `${unit} ${text}` : text;
}

/** The sentence under a job: why it waits, or how it ended. */
export function sentence(job: IJob, trans: ITrans): string {
  if (job.reason?.message && job.state !== 'SUCCEEDED' && job.state !== 'RUNNING') {
    return job.reason.message;
  }
  if (job.state === 'QUEUED') {
    if (job.queue_position === 1) {
      return trans.__('Next to start.');
    }
    return job.queue_position
      ? trans.__('Number %1 in the queue.', job.queue_position)
      : trans.__('Waiting for its turn.');
  }
  return '';
}

/** A larger request for a job that met its limit. */
export function nextStep(job: IJob, trans: ITrans): INextStep | null {
  if (job.reason?.code === 'OUT_OF_MEMORY' && job.resources.memory) {
    const more = job.resources.memory * 2;
    return {
      label: trans.__('Run again with %1', memory(more)),
      overrides: { resources: { memory: more } }
    };
  }
  if (job.reason?.code === 'TIME_LIMIT' && job.time_limit) {
    const more = job.time_limit * 2;
    return {
      label: trans.__('Run again with %1', duration(more * 1000, trans)),
      overrides: { time_limit: more }
    };
  }
  return null;
}

/** Said when printed lines were not understood, or not all that is in them, so that it does not fail silently. */
export function silence(job: IJob): string {
  const { recognised } = job;
  const hasMetrics = Object.keys(job.metrics).length > 0;
  // Who logs metrics by calls did not mean the printed lines; who gave a pattern did.
  return recognised?.message && (recognised.lines > 0 || recognised.pattern !== null || !hasMetrics)
    ? recognised.message
    : '';
}

/** The parts of the line that says where a job came from. */
export function provenance(details: ICardDetails | null, trans: ITrans): string[] {
  const parts: string[] = [];
  const git = details?.git;
  if (git) {
    const commit = git.commit.slice(0, 7);
    const head = git.branch ? `${git.branch} ${commit}` : commit;
    parts.push(
      git.changed > 0
        ? trans._n('%2 + %1 changed file', '%2 + %1 changed files', git.changed, head)
        : head
    );
  }
  const took = details?.took;
  if (took && took.files > 0) {
    const amount = trans._n('%1 file, %2', '%1 files, %2', took.files, size(took.bytes));
    parts.push(
      took.names.length > 0
        ? trans.__('took along: %1 (%2)', listed(took.names), amount)
        : trans.__('took along: %1', amount)
    );
  }
  return parts;
}

function listed(names: string[]): string {
  return names.length > 4
    ? `${names.slice(0, 3).join(', ')}, +${names.length - 3}`
    : names.join(', ');
}
