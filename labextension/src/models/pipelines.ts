import type { IListed, IPipeline, IRecurringRun } from '../api/pipelinerecords';
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

  protected override isNews({ recurring, deleted }: IModelChange): boolean {
    return recurring.length > 0 || deleted.some(({ kind }) => kind === 'recurring_run');
  }

  protected list(token: string | null, size: number): Promise<IListed<IRecurringRun>> {
    return this.model.recurringApi.list({ place: this.place, page_token: token, page_size: size });
  }
}
