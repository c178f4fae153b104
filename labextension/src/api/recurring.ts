import type { ServerConnection } from '@jupyterlab/services';

import { placeOf, placeOfSource, routesOf, routeTo } from './pipelineplace';
import { boundsOf, fromSchedule, time, toRecurring } from './pipelinereading';
import type {
  IListed,
  IListQuery,
  IRecurrence,
  IRecurringRun,
  IRunRequest,
  ISchedule,
  ITally
} from './pipelinerecords';
import { runBody } from './pipelines';
import { list, type Raw, record, text } from './raw';
import { type IRequestOptions, request } from './request';
import type { IJobRequest } from './types';

const BASE = 'api/v1/recurring';

/** A notebook or script that is to recur. */
export interface IRecurringJob extends IRecurrence {
  /** Named after its file where this is absent. */
  name?: string;
  description?: string;
  /** Sent again with the same request, it recurs once. */
  idempotency_key?: string;
  job: Omit<IJobRequest, 'idempotency_key'>;
}

/** What a run that was started by hand is. */
export type IStarted = { job_id: string } | { run_id: string };

/**
 * The routes of what recurs: here, pipelines, notebooks and scripts are one list; on a KFP server there are pipelines,
 * by its own protocol.
 */
export class RecurringApi {
  constructor(readonly settings: ServerConnection.ISettings) {}

  /** One page of what recurs at a place, the newest first. */
  async list({
    place = 'here',
    page_size,
    page_token
  }: IListQuery): Promise<IListed<IRecurringRun> & { jobs: ITally }> {
    const isHere = place === 'here';
    const reply = await this.ask(isHere ? BASE : `${routesOf(place)}/recurringruns`, {
      query: { page_size, page_token, ...(!isHere && { sort_by: 'created_at desc' }) }
    });
    const jobs = record(reply.jobs);
    return {
      items: list(isHere ? reply.recurring : reply.recurringRuns).map(one =>
        toRecurring(record(one), place)
      ),
      total: reply.total_size === undefined ? null : Number(reply.total_size),
      nextPageToken: text(reply.next_page_token) || null,
      jobs: {
        total: Number(jobs.total ?? 0),
        enabled: Number(jobs.enabled ?? 0),
        next_at: time(jobs.next_due_at)
      }
    };
  }

  /** One of them, with what became of the last times that it was due. */
  async get(id: string): Promise<IRecurringRun> {
    return toRecurring(await this.ask(pathOf(id)), placeOf(id));
  }

  /** Have a pipeline run again and again. */
  async addPipeline(wanted: IRunRequest & IRecurrence): Promise<IRecurringRun> {
    const place = placeOfSource(wanted.source);
    const path = `${routesOf(place)}/recurringruns`;
    return toRecurring(await this.ask(path, { method: 'POST', body: pipelineBody(wanted) }), place);
  }

  /** Have a notebook or script run again and again. */
  async addJob(wanted: IRecurringJob): Promise<IRecurringRun> {
    return toRecurring(await this.ask(BASE, { method: 'POST', body: jobBody(wanted) }));
  }

  /** Put another request in the place of one here; what became of its times stays, and whether it is on. */
  async replace(
    id: string,
    wanted: (IRunRequest & IRecurrence) | IRecurringJob
  ): Promise<IRecurringRun> {
    const asked = 'job' in wanted ? jobBody(wanted) : pipelineBody(wanted);
    // It may have been turned on or off while the form was open.
    const body = { ...asked, mode: undefined, enabled: undefined };
    return toRecurring(await this.ask(pathOf(id), { method: 'PUT', body }));
  }

  /** Let it start runs, or no longer. */
  async enable(id: string, isOn: boolean): Promise<void> {
    const verb = isOn ? 'enable' : 'disable';
    const path = placeOf(id) === 'here' ? `${pathOf(id)}/${verb}` : `${pathOf(id)}:${verb}`;
    await this.ask(path, { method: 'POST' });
  }

  /** Start a run of one here now, beside its schedule. */
  start(id: string): Promise<IStarted> {
    return request(this.settings, `${pathOf(id)}/run`, { method: 'POST' });
  }

  /** Delete it. Its runs stay. */
  async remove(id: string): Promise<void> {
    await this.ask(pathOf(id), { method: 'DELETE' });
  }

  /** Bring back what was deleted here a moment ago, as it was. */
  async restore(id: string): Promise<void> {
    await this.ask(`${pathOf(id)}/restore`, { method: 'POST' });
  }

  /** Have the cluster start the runs of a job. Gives what is not as on this server, in sentences. */
  async keepOnCluster(id: string): Promise<readonly string[]> {
    const reply = await this.ask(`${pathOf(id)}/cronjob`, { method: 'PUT' });
    return list(record(reply.kept_by).notes).map(text);
  }

  /** Have this server start them again, without asking the cluster where that will never answer. */
  async takeBack(id: string, isLeft: boolean): Promise<void> {
    const query = isLeft ? { leave: 'true' } : undefined;
    await this.ask(`${pathOf(id)}/cronjob`, { method: 'DELETE', query });
  }

  /** When a schedule would start runs next, in milliseconds since the epoch. */
  async times(schedule: ISchedule): Promise<number[]> {
    const { interval, cron } = schedule;
    const { times } = await request<{ times: number[] }>(this.settings, 'api/v1/pipelines/times', {
      query: { interval, cron: cron || undefined, ...boundsOf(schedule) }
    });
    return times;
  }

  private ask(path: string, options: IRequestOptions = {}): Promise<Raw> {
    return request<Raw>(this.settings, path, options);
  }
}

function pathOf(id: string): string {
  return placeOf(id) === 'here'
    ? `${BASE}/${encodeURIComponent(id)}`
    : routeTo('recurringruns', id);
}

function pipelineBody(wanted: IRunRequest & IRecurrence): Raw {
  return {
    ...runBody(wanted),
    trigger: fromSchedule(wanted.schedule),
    max_concurrency: String(wanted.max_concurrency),
    no_catchup: wanted.no_catchup,
    mode: wanted.enabled ? 'ENABLE' : 'DISABLE'
  };
}

function jobBody({ schedule, ...wanted }: IRecurringJob): Raw {
  return { ...wanted, trigger: fromSchedule(schedule) };
}
