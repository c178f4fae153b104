import type { IRecurringRun } from '../api/pipelinerecords';
import type { IJobRequest } from '../api/types';
import type { ILaunchForm } from './form';
import { splitGpus } from './gpus';
import { showValue } from './values';

type Wanted = Omit<IJobRequest, 'idempotency_key'>;

/** What a job that was asked for so is asked for with now; what the form does not ask for stays as it was. */
export function changedRequest(job: Partial<IJobRequest>, wanted: Wanted): Wanted {
  return {
    ...job,
    // Told only of what runs on the cluster.
    image: undefined,
    queue: undefined,
    runtime: undefined,
    install: undefined,
    ...wanted,
    // It says with which Python it runs, too, whichever file that is.
    source:
      job.path === wanted.path
        ? (job.source ?? wanted.source)
        : { ...job.source, label: undefined, ...wanted.source }
  };
}

/** What was filled in for a job that is asked for so. */
export function fromRequest(job: Partial<IJobRequest>): Partial<ILaunchForm> {
  const { path, params, experiment, on, image, queue, runtime, install, env, files } = job;
  const { cpus, memory, gpus, nodes } = job.resources ?? {};
  const text = (value: unknown): string =>
    value === undefined || value === null ? '' : String(value);
  return {
    path: text(path),
    params: Object.entries(params ?? {}).map(([name, value]) => ({
      name,
      value: showValue(value),
      initial: null
    })),
    experiment: text(experiment),
    cpus: text(cpus),
    memory: text(memory),
    ...splitGpus(text(gpus)),
    nodes: text(nodes),
    on: text(on),
    image: text(image),
    queue: text(queue),
    runtime: text(runtime),
    install: install ?? false,
    timeLimit: text(job.time_limit),
    retries: text(job.retries),
    env: Object.entries(env ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
    files: (files ?? []).join('\n')
  };
}

/** Where the jobs of what recurs run: what is shown in the form is what is meant. */
export function placeOf({
  job,
  runner,
  cronjob
}: Pick<IRecurringRun, 'job' | 'runner' | 'cronjob'>): string {
  // What the cluster keeps runs there, whatever would become of it here.
  if (cronjob) {
    return 'cluster';
  }
  return job?.on === 'local' || job?.on === 'cluster' ? job.on : runner === 'cluster' ? runner : '';
}
