import type { IListed, IPipeline, IRecurringRun, ITally } from '../api/pipelinerecords';
import type { IModelChange } from '../tokens';
import { PipelineList } from './pipelinelist';

/** The pipelines that were uploaded, the newest first. */
export class PipelinesModel extends PipelineList<IPipeline> {
  keyOf(pipeline: IPipeline): string {
    return pipeline.pipeline_id;
  }

  protected override isNews({ pipelines, deleted }: IModelChange): boolean {
    return pipelines.length > 0 || deleted.some(({ kind }) => kind === 'pipeline');
  }

  protected list(token: string | null, size: number): Promise<IListed<IPipeline>> {
    return this.model.pipelinesApi.pipelines({
      place: this.place,
      sort_by: 'created_at desc',
      page_token: token,
      page_size: size
    });
  }
}

/** What recurs, the newest first. */
export class RecurringModel extends PipelineList<IRecurringRun> {
  keyOf(recurring: IRecurringRun): string {
    return recurring.recurring_id;
  }

  /** The notebooks and scripts among all, on whatever page they are; nothing before the first answer. */
  get jobs(): ITally | null {
    return this._jobs;
  }

  protected override isNews(change: IModelChange): boolean {
    const { recurring, pipelines, jobs, before, pipelineRuns, deleted } = change;
    const last = new Set(this.items.flatMap(({ last_run }) => last_run?.id ?? []));
    return (
      recurring.length > 0 ||
      // Without its version, a pipeline cannot recur.
      pipelines.length > 0 ||
      deleted.some(({ kind, id }) => kind === 'recurring_run' || last.has(id)) ||
      pipelineRuns.some(({ run_id }) => last.has(run_id)) ||
      jobs.some(({ job_id, state }) => last.has(job_id) && before.get(job_id)?.state !== state)
    );
  }

  protected async list(token: string | null, size: number): Promise<IListed<IRecurringRun>> {
    const { place, model } = this;
    const page = await model.recurringApi.list({ place, page_token: token, page_size: size });
    this._jobs = page.jobs;
    return page;
  }

  private _jobs: ITally | null = null;
}
