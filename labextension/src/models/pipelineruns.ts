import type { ICondition, IListed, IRunRecord } from '../api/pipelinerecords';
import { type PipelinePlace, plainId } from '../api/pipelineplace';
import type { PipelineState } from '../api/pipelinetypes';
import type { IModelChange, ITracksideModel } from '../tokens';
import { PipelineList } from './pipelinelist';

/** The states of runs that have not ended. */
export const LIVE: readonly PipelineState[] = ['PENDING', 'RUNNING', 'CANCELING'];

/** Which runs are listed, and in which order. */
export interface IRunsQuestion {
  /** A part of the name. */
  name: string;
  /** All states where it is empty. */
  states: readonly PipelineState[];
  experiment: string;
  pipeline: string;
  recurring: string;
  archived: boolean;
  /** A field that the server can sort by. */
  order: 'created_at' | 'display_name' | 'state' | 'finished_at';
  isDescending: boolean;
}

/** What is listed at first: what was not put away, the newest first. */
export const EVERYTHING: IRunsQuestion = {
  name: '',
  states: [],
  experiment: '',
  pipeline: '',
  recurring: '',
  archived: false,
  order: 'created_at',
  isDescending: true
};

/** Pipeline runs, as they are asked for. */
export class PipelineRunsModel extends PipelineList<IRunRecord> {
  constructor(
    model: ITracksideModel,
    question: Partial<IRunsQuestion> = {},
    place: PipelinePlace = 'here'
  ) {
    super(model, place);
    this._asked = { ...EVERYTHING, ...question };
  }

  /** Which runs are listed. */
  get asked(): IRunsQuestion {
    return this._asked;
  }

  /** How many runs of all there are that have not ended. */
  get live(): number {
    return this._live;
  }

  keyOf(run: IRunRecord): string {
    return run.run_id;
  }

  /** List others. */
  change(question: Partial<IRunsQuestion>): void {
    this._asked = { ...this._asked, ...question };
    this.ask();
    this._changed.emit();
  }

  protected override isNews({ pipelineRuns, deleted }: IModelChange): boolean {
    return pipelineRuns.length > 0 || deleted.some(({ kind }) => kind === 'pipeline_run');
  }

  protected async list(token: string | null, size: number): Promise<IListed<IRunRecord>> {
    const { place } = this;
    const { pipelinesApi } = this.model;
    const [runs, live] = await Promise.all([
      pipelinesApi.runs({
        place,
        conditions: conditionsOf(this._asked),
        experiment_id: this._asked.experiment || undefined,
        sort_by: `${this._asked.order} ${this._asked.isDescending ? 'desc' : 'asc'}`,
        page_token: token,
        page_size: size
      }),
      token === null ? pipelinesApi.runs({ place, conditions: [ONLY_LIVE], page_size: 1 }) : null
    ]);
    this._live = live?.total ?? live?.items.length ?? this._live;
    return runs;
  }

  private _asked: IRunsQuestion;
  private _live = 0;
}

const ONLY_LIVE: ICondition = { key: 'state', operation: 'IN', value: [...LIVE] };

/** What a question asks of each run. */
export function conditionsOf(asked: IRunsQuestion): ICondition[] {
  const equals = (key: string, value: string): ICondition[] =>
    value ? [{ key, operation: 'EQUALS', value }] : [];
  return [
    ...(asked.name.trim()
      ? [{ key: 'display_name', operation: 'IS_SUBSTRING', value: asked.name.trim() } as const]
      : []),
    ...(asked.states.length
      ? [{ key: 'state', operation: 'IN', value: [...asked.states] } as const]
      : []),
    ...equals('pipeline_id', plainId(asked.pipeline)),
    ...equals('recurring_run_id', plainId(asked.recurring)),
    ...equals('storage_state', asked.archived ? 'ARCHIVED' : 'AVAILABLE')
  ];
}
