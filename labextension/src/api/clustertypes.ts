/**
 * The JSON about a Kubernetes cluster and about jobs that run on it.
 *
 * Times are milliseconds since the epoch, sizes are bytes.
 */
/**
 * How far the cluster can be used.
 *
 * - `none`: nothing says where one is
 * - `connected`: it answers
 * - `unreachable`: it does not answer now
 * - `denied`: it answers, and lets this user do nothing
 * - `off`: it is turned off by a setting
 */
export type ClusterState = 'none' | 'connected' | 'unreachable' | 'denied' | 'off';

/** The GPUs of one type. */
export interface IGpuType {
  /** The word by which jobs ask for it. */
  type: string;
  product: string | null;
  resource: string;
  memory: number | null;
  total: number;
  /** Nothing where other namespaces cannot be seen. */
  used: number | null;
  free: number | null;
  nodes: number;
  /** How many are free on one node now. */
  fits: number | null;
  /** Whether several jobs may hold the same one. */
  shared: boolean;
}

/** A limit of the namespace. */
export interface IQuota {
  name: string;
  resource: string;
  label: string;
  used: number;
  hard: number;
}

/** A queue of Kueue that takes jobs of the namespace. */
export interface IClusterQueue {
  name: string;
  cluster_queue: string;
  pending: number;
  admitted: number;
  stopped: boolean;
  /** Which of the waiting jobs is the first of this user; 1 is the next. */
  place: number | null;
}

/** A way to train on several nodes that the cluster offers. */
export interface IRuntime {
  name: string;
  kind: string;
  framework: string | null;
  nodes: number | null;
}

/** What cannot be shown or done, and the rules that would change that. */
export interface IMissing {
  what: string;
  /** `Role` or `ClusterRole`. */
  kind: string;
  /** The rules of the role, as YAML; nothing where no right is missing. */
  rules: string;
}

/** What the server knows of the cluster. */
export interface ICluster {
  state: ClusterState;
  /** What is wrong, and what to do. */
  message: string | null;
  hint: string | null;
  context: string | null;
  server: string | null;
  namespace: string | null;
  version: string | null;
  gpus: IGpuType[];
  nodes: { total: number; ready: number } | null;
  quota: IQuota[];
  queues: IClusterQueue[];
  runtimes: IRuntime[];
  missing: IMissing[];
  /** The pod in which this Jupyter server runs. */
  notebook: { pod: string; image: string | null; node: string | null } | null;
}

/** The state of one of the pods of a job. */
export type RankState =
  'waiting' | 'starting' | 'running' | 'stopping' | 'succeeded' | 'failed' | 'lost';

/** One of the pods of a job. */
export interface IRank {
  rank: number;
  pod: string | null;
  node: string | null;
  state: RankState;
  restarts: number;
  started_at: number | null;
  ended_at: number | null;
  exit_code: number | null;
  /** Why it is in its state, in a sentence. */
  reason: string | null;
}

/** A job as it is on the cluster. */
export interface IJobCluster {
  namespace: string;
  kind: 'Job' | 'TrainJob';
  name: string;
  queue: string | null;
  image: string | null;
  nodes: number;
  /** How metrics come back: by calls to this server, or read off what is printed. */
  lane: 'server' | 'stdout' | null;
  ranks: IRank[];
  /** Seconds times GPUs: all that was held, and the part during which not all of the job ran. */
  gpu_seconds?: number;
  idle_gpu_seconds?: number;
}

/** What is worth knowing about a job before it is started; an error keeps it from starting. */
export interface IFinding {
  level: 'error' | 'warning' | 'note';
  message: string;
  hint?: string | null;
}

/** What would be made of a submission. */
export interface IPlan {
  on: 'local' | 'cluster';
  manifests: Record<string, unknown>[];
  yaml: string;
  findings: IFinding[];
}
