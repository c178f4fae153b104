import type { ICluster, IGpuType, IJobCluster } from '../api/clustertypes';
import type { IChanges, IJob, IRun, RunStatus } from '../api/types';

/** A job with what a test does not care about filled in. */
export function makeJob(change: Partial<IJob> = {}): IJob {
  const id = change.job_id ?? 'j1';
  return {
    job_id: id,
    name: `name-of-${id}`,
    state: 'RUNNING',
    reason: null,
    kind: 'cell',
    run_id: `run-of-${id}`,
    experiment_id: '1',
    experiment_name: 'digits',
    runner: 'local',
    attempt: 1,
    max_attempts: 1,
    created_at: 1000,
    started_at: 2000,
    ended_at: null,
    exit_code: null,
    signal: null,
    queue_position: null,
    params: {},
    resources: { cpus: null, memory: null, gpus: null },
    gpus: [],
    source: null,
    progress: null,
    main_metric: null,
    metrics: {},
    sparkline: [],
    last_line: null,
    last_line_at: null,
    log_size: 0,
    recognised: null,
    time_limit: null,
    revision: 1,
    ...change
  };
}

/** Where a job is on a cluster. */
export function makeJobCluster(change: Partial<IJobCluster> = {}): IJobCluster {
  return {
    namespace: 'team-a',
    kind: 'Job',
    name: 'trackside-j1',
    queue: null,
    image: null,
    nodes: 1,
    lane: null,
    ranks: [],
    ...change
  };
}

/** A type of GPU, of which some are free. */
export function makeGpuType(change: Partial<IGpuType> = {}): IGpuType {
  return {
    type: 'A100-80GB',
    product: null,
    resource: 'nvidia.com/gpu',
    memory: null,
    total: 8,
    used: 3,
    free: 5,
    nodes: 2,
    fits: 4,
    shared: false,
    ...change
  };
}

/** A cluster that answers and has nothing. */
export function makeCluster(change: Partial<ICluster> = {}): ICluster {
  return {
    state: 'connected',
    message: null,
    hint: null,
    context: 'prod-eu',
    server: null,
    namespace: 'team-a',
    version: null,
    gpus: [],
    nodes: { total: 2, ready: 2 },
    quota: [],
    queues: [],
    runtimes: [],
    missing: [],
    notebook: null,
    ...change
  };
}

/** A run with these metrics and params. */
export function makeRun(
  id: string,
  metrics: Record<string, number> = {},
  params: Record<string, string> = {},
  status: RunStatus = 'FINISHED'
): IRun {
  return {
    info: {
      run_id: id,
      run_name: `name-of-${id}`,
      experiment_id: '1',
      user_id: 'ada',
      status,
      start_time: 1000,
      end_time: null,
      artifact_uri: `mlflow-artifacts:/1/${id}/artifacts`,
      lifecycle_stage: 'active'
    },
    metrics: new Map(
      Object.entries(metrics).map(([key, value]) => [key, { key, value, timestamp: 0, step: 0 }])
    ),
    params: new Map(Object.entries(params)),
    tags: new Map(),
    datasets: []
  };
}

/** A reply of `changes`. */
export function makeChanges(change: Partial<IChanges> = {}): IChanges {
  return {
    revision: 1,
    reset: false,
    jobs: [],
    runs: [],
    experiments: [],
    deleted: [],
    ...change
  };
}

/** A promise and the means to settle it. */
export function deferred<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (reason: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
