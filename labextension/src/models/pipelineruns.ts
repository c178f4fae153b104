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
    this.looked = 0;
    this.ask();
    this._changed.emit();
  }

  protected override isNews({ pipelineRuns, deleted }: IModelChange): boolean {
    return pipelineRuns.length > 0 || deleted.some(({ kind }) => kind === 'pipeline_run');
  }

  protected async list(token: string | null, size: number): Promise<IListed<IRunRecord>> {
    const [runs, live] = await Promise.all([
      this.place === 'kfp' && this._asked.pipeline
        ? this.sifted(token, size)
        : this.asking(token, size),
      token === null ? this.countLive() : null
    ]);
    this._live = live ?? this._live;
    return runs;
  }

  private asking(token: string | null, size: number): Promise<IListed<IRunRecord>> {
    const { place, _asked: asked } = this;
    return this.model.pipelinesApi.runs({
      place,
      conditions: conditionsOf(asked, place),
      experiment_id: asked.experiment || undefined,
      sort_by: `${asked.order} ${asked.isDescending ? 'desc' : 'asc'}`,
      page_token: token,
      page_size: size
    });
  }

  /**
   * The runs of one pipeline, for which a KFP server cannot be asked: those of a page or more that are of it. Read
   * anew, it goes as far as it went before.
   */
  private async sifted(token: string | null, size: number): Promise<IListed<IRunRecord>> {
    const { question, _asked: asked } = this;
    const before = token === null ? this.looked : 0;
    const least = before ? Math.max(1, this.items.length) : 1;
    const items: IRunRecord[] = [];
    let next: string | null = token;
    let pages = 0;
    do {
      const page = await this.asking(next, size);
      items.push(...page.items.filter(({ pipeline_id }) => pipeline_id === asked.pipeline));
      next = page.nextPageToken;
      pages += 1;
    } while (next !== null && items.length < least && pages < Math.max(MOST_PAGES, before));
    if (this.isCurrent(question)) {
      this.looked = token === null ? pages : this.looked + pages;
    }
    return { items, total: null, nextPageToken: next };
  }

  private async countLive(): Promise<number> {
    const { place } = this;
    const { total, items } = await this.model.pipelinesApi.runs({
      place,
      conditions: [ONLY_LIVE],
      page_size: 1
    });
    return total ?? items.length;
  }

  private _asked: IRunsQuestion;
  private _live = 0;
  /** How many pages were looked through for the runs of one pipeline. */
  private looked = 0;
}

/** How many pages are looked through at once for a run of a pipeline. */
const MOST_PAGES = 5;

const ONLY_LIVE: ICondition = { key: 'state', operation: 'IN', value: [...LIVE] };

/** What a question asks of each run. */
export function conditionsOf(asked: IRunsQuestion, place: PipelinePlace = 'here'): ICondition[] {
  const equals = (key: string, value: string): ICondition[] =>
    value ? [{ key, operation: 'EQUALS', value }] : [];
  return [
    ...(asked.name.trim()
      ? [{ key: 'display_name', operation: 'IS_SUBSTRING', value: asked.name.trim() } as const]
      : []),
    ...(asked.states.length
      ? [{ key: 'state', operation: 'IN', value: [...asked.states] } as const]
      : []),
    // A KFP server has no such column.
    ...(place === 'here' ? equals('pipeline_id', asked.pipeline) : []),
    ...equals('recurring_run_id', plainId(asked.recurring)),
    // Runs of older versions of KFP say nothing of it.
    { key: 'storage_state', operation: asked.archived ? 'EQUALS' : 'NOT_EQUALS', value: 'ARCHIVED' }
  ];
}
