import type {
  ILastRun,
  IMoment,
  IPipeline,
  IPipelineExperiment,
  IRunRecord,
  IPipelineVersion,
  IRecurringRun,
  ISchedule,
  ISpec
} from './pipelinerecords';
import { idIn, type PipelinePlace } from './pipelineplace';
import type { PipelineState } from './pipelinetypes';
import type { IJobRequest } from './types';
import { isRecord, list, type Raw, record, text, webUrl } from './raw';

/** Read a run off the wire. */
export function toRun(raw: Raw, place: PipelinePlace = 'here'): IRunRecord {
  const reference = record(raw.pipeline_version_reference);
  const history = list(raw.state_history).map(record);
  const spec = toSpec(raw.pipeline_spec);
  const trackside = record(raw.trackside);
  return {
    run_id: idIn(place, text(raw.run_id)),
    name: text(raw.display_name),
    description: text(raw.description),
    experiment_id: idIn(place, text(raw.experiment_id)),
    state: (text(raw.state) || 'PENDING') as PipelineState,
    message: text(record(raw.error).message),
    archived: raw.storage_state === 'ARCHIVED',
    created_at: time(raw.created_at) ?? 0,
    started_at: time(history.find(({ state }) => state === 'RUNNING')?.update_time),
    ended_at: time(raw.finished_at),
    retried: wasRetried(history.map(({ state }) => text(state))),
    scheduled_at: time(raw.scheduled_at),
    pipeline: text(trackside.pipeline) || nameOf(spec),
    pipeline_id: idIn(place, text(reference.pipeline_id)),
    version_id: text(reference.pipeline_version_id) || text(raw.pipeline_version_id),
    recurring_id: idIn(place, text(raw.recurring_run_id)),
    arguments: record(record(raw.runtime_config).parameters),
    spec,
    cached: flag(trackside.cached),
    python: text(trackside.python) || undefined,
    on: text(trackside.on) || undefined,
    // Another server tracks the runs of another place.
    mlflow_run_id: place === 'here' ? mlflowRun(raw) : '',
    kfp_url: webUrl(trackside.open_in_kfp)
  };
}

/** Whether it went on after an end. */
function wasRetried(states: readonly string[]): boolean {
  const end = states.findIndex(state => state === 'FAILED' || state === 'CANCELED');
  return end !== -1 && states.includes('RUNNING', end);
}

/** Read a pipeline off the wire. */
export function toPipeline(raw: Raw, place: PipelinePlace = 'here'): IPipeline {
  return {
    pipeline_id: idIn(place, text(raw.pipeline_id)),
    name: text(raw.display_name) || text(raw.name),
    description: text(raw.description),
    created_at: time(raw.created_at) ?? 0
  };
}

/** Read an experiment off the wire. */
export function toExperiment(raw: Raw, place: PipelinePlace = 'here'): IPipelineExperiment {
  const id = text(raw.experiment_id);
  return { experiment_id: idIn(place, id), name: text(raw.display_name) || id };
}

/** Read a version off the wire. */
export function toVersion(raw: Raw, place: PipelinePlace = 'here'): IPipelineVersion {
  return {
    pipeline_id: idIn(place, text(raw.pipeline_id)),
    version_id: text(raw.pipeline_version_id),
    name: text(raw.display_name) || text(raw.name),
    description: text(raw.description),
    created_at: time(raw.created_at) ?? 0,
    source: text(raw.code_source_url),
    spec: toSpec(raw.pipeline_spec)
  };
}

/** Read a recurring run off the wire. */
export function toRecurring(raw: Raw, place: PipelinePlace = 'here'): IRecurringRun {
  const reference = record(raw.pipeline_version_reference);
  const spec = toSpec(raw.pipeline_spec);
  const trackside = record(raw.trackside);
  const config = record(raw.runtime_config);
  return {
    kind: raw.kind === 'job' ? 'job' : 'pipeline',
    recurring_id: idIn(place, text(raw.recurring_run_id)),
    name: text(raw.display_name),
    description: text(raw.description),
    experiment_id: idIn(place, text(raw.experiment_id)),
    pipeline: text(trackside.pipeline) || nameOf(spec),
    pipeline_id: idIn(place, text(reference.pipeline_id)),
    version_id: text(reference.pipeline_version_id) || text(raw.pipeline_version_id),
    enabled: raw.status === 'ENABLED',
    schedule: toSchedule(record(raw.trigger)),
    max_concurrency: Number(raw.max_concurrency ?? 1),
    no_catchup: raw.no_catchup === true,
    arguments: record(config.parameters),
    pipeline_root: text(config.pipeline_root) || undefined,
    spec,
    job: isRecord(raw.job) ? (raw.job as unknown as IJobRequest) : null,
    cronjob: text(record(raw.kept_by).cronjob),
    runner: text(raw.runner),
    created_at: time(raw.created_at) ?? 0,
    next_at: time(trackside.next_due_at),
    missed: Number(trackside.missed ?? 0),
    last_run: isRecord(raw.last_run) ? toLastRun(raw.last_run) : null,
    problem: text(raw.problem),
    last: isRecord(trackside.last) ? toMoment(trackside.last) : null,
    moments: list(trackside.moments).map(one => toMoment(record(one))),
    cached: flag(trackside.cached),
    python: text(trackside.python) || undefined,
    on: text(trackside.on) || undefined,
    message: text(record(raw.error).message)
  };
}

/** Read a compiled pipeline: alone, or wrapped together with the document of its platforms. */
export function toSpec(raw: unknown): ISpec | null {
  const found = record(raw);
  const pipeline = isRecord(found.pipeline_spec) ? found.pipeline_spec : found;
  if (Object.keys(pipeline).length === 0) {
    return null;
  }
  const platforms = record(found.platform_spec);
  return Object.keys(platforms).length ? { pipeline, platforms } : { pipeline };
}

/** A compiled pipeline as it is sent. */
export function fromSpec({ pipeline, platforms }: ISpec): Raw {
  return platforms ? { pipeline_spec: pipeline, platform_spec: platforms } : pipeline;
}

/** A schedule as it is sent. */
export function fromSchedule(schedule: ISchedule): Raw {
  const bounds = boundsOf(schedule);
  return schedule.interval === null
    ? { cron_schedule: { cron: schedule.cron, ...bounds } }
    : { periodic_schedule: { interval_second: String(schedule.interval), ...bounds } };
}

/** The name that the author gave to a compiled pipeline. */
export function nameOf(spec: ISpec | null): string {
  return text(record(spec?.pipeline.pipelineInfo).name);
}

/** A moment off the wire, in milliseconds since the epoch. */
export function time(value: unknown): number | null {
  const moment = typeof value === 'string' ? Date.parse(value) : NaN;
  // Some servers say the beginning of time for never.
  return Number.isNaN(moment) || moment <= 0 ? null : moment;
}

function toMoment(raw: Raw): IMoment {
  return {
    due_at: time(raw.due_at) ?? 0,
    outcome: text(raw.outcome) as IMoment['outcome'],
    message: text(raw.message),
    run_id: text(raw.run_id),
    job_id: text(raw.job_id)
  };
}

function toLastRun(raw: Raw): ILastRun {
  return {
    kind: raw.kind === 'job' ? 'job' : 'pipeline_run',
    id: text(raw.id),
    state: text(raw.state) || null,
    started_at: time(raw.started_at)
  };
}

function toSchedule(trigger: Raw): ISchedule {
  const cron = record(trigger.cron_schedule);
  const periodic = record(trigger.periodic_schedule);
  const bounds = text(cron.cron) ? cron : periodic;
  return {
    interval: text(cron.cron) ? null : Number(periodic.interval_second ?? 0),
    cron: text(cron.cron),
    start_at: time(bounds.start_time),
    end_at: time(bounds.end_time)
  };
}

function mlflowRun(raw: Raw): string {
  const entries = record(record(record(raw.plugins_output).mlflow).entries);
  return text(record(entries.root_run_id).value);
}

function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** From when to when something recurs, as the server writes it. */
export function boundsOf({ start_at, end_at }: ISchedule): {
  start_time?: string;
  end_time?: string;
} {
  return {
    start_time: start_at === null ? undefined : iso(start_at),
    end_time: end_at === null ? undefined : iso(end_at)
  };
}

function iso(moment: number): string {
  return new Date(moment).toISOString();
}
