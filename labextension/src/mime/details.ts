import type { IJob, IJobDetail, IRun } from '../api/types';
import { orderedMetrics } from '../shared/card/Metrics';
import type { ICardDetails } from '../shared/card/facts';
import type { ITracksideModel } from '../tokens';

/** How many points a small curve has, and how many it may grow to. */
const POINTS = 40;
const MOST_POINTS = 80;

/** How many metrics besides the main one get a curve. */
const CURVES = 3;

export type Curves = Readonly<Record<string, readonly number[]>>;

/** Fetch what a card shows beyond the summary; what cannot be had is left out. */
export async function fetchDetails(model: ITracksideModel, job: IJob): Promise<ICardDetails> {
  const [detail, run] = await Promise.all([
    model.jobsApi.get(job.job_id).catch(() => null),
    model.trackingApi.run(job.run_id).catch(() => null)
  ]);
  return {
    git: run && gitOf(run),
    took: detail && tookOf(detail),
    failure: detail?.failure ?? null
  };
}

function gitOf(run: IRun): ICardDetails['git'] {
  const commit = run.tags.get('mlflow.source.git.commit');
  return commit
    ? {
        commit,
        branch: run.tags.get('mlflow.source.git.branch') ?? null,
        changed: Number(run.tags.get('trackside.git.changed') ?? 0) || 0
      }
    : null;
}

function tookOf(detail: IJobDetail): ICardDetails['took'] {
  const { bundle } = detail;
  if (!bundle) {
    return null;
  }
  const named = (detail.source as { took?: unknown } | null)?.took;
  const names = Array.isArray(named)
    ? named.filter((name): name is string => typeof name === 'string')
    : bundle.files.map(file => file.path).filter(path => !path.startsWith('__trackside__/'));
  return { names, files: bundle.files.length, bytes: bundle.size };
}

/** The small curves of the metrics besides the main one, whose curve the summary brings. */
export async function fetchCurves(model: ITracksideModel, job: IJob): Promise<Curves> {
  const names = orderedMetrics(job)
    .filter(name => name !== job.main_metric)
    .slice(0, CURVES);
  const curves = await Promise.all(
    names.map(async name => {
      const points = await model.trackingApi.history([job.run_id], name, POINTS).catch(() => []);
      return [name, points.map(point => point.value)] as const;
    })
  );
  return Object.fromEntries(curves);
}

/** The curves after a job changed: each metric that moved gets its new value. */
export function growCurves(curves: Curves, before: IJob, after: IJob): Curves {
  const grown: Record<string, readonly number[]> = { ...curves };
  for (const [name, latest] of Object.entries(after.metrics)) {
    const was = Object.hasOwn(before.metrics, name) ? before.metrics[name] : undefined;
    const isNew = !was || was.step !== latest.step || was.timestamp !== latest.timestamp;
    if (isNew && name !== after.main_metric) {
      const curve = [...(grown[name] ?? []), latest.value];
      grown[name] = curve.length > MOST_POINTS ? curve.filter((_, at) => at % 2 === 1) : curve;
    }
  }
  return grown;
}
