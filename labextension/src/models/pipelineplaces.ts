import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { PipelinePlace } from '../api/pipelineplace';
import type { ITracksideModel } from '../tokens';
import { PipelineRunsModel } from './pipelineruns';
import { PipelinesModel, RecurringModel } from './pipelines';

/** What is listed of a place. */
export type PipelinesTab = 'runs' | 'pipelines' | 'recurring';

/** What there is of pipelines at a place. */
export class PipelineLists implements IDisposable {
  constructor(model: ITracksideModel, place: PipelinePlace) {
    this.runs = new PipelineRunsModel(model, {}, place);
    this.pipelines = new PipelinesModel(model, place);
    this.recurring = new RecurringModel(model, place);
  }

  readonly runs: PipelineRunsModel;
  readonly pipelines: PipelinesModel;
  readonly recurring: RecurringModel;

  get isDisposed(): boolean {
    return this.runs.isDisposed;
  }

  dispose(): void {
    this.runs.dispose();
    this.pipelines.dispose();
    this.recurring.dispose();
  }
}

/** Pipelines here and on a KFP server, and what recurs: which are looked at, and their lists, begun when they first are. */
export class PipelinePlaces implements IDisposable {
  constructor(
    readonly model: ITracksideModel,
    private wanted: PipelinePlace = 'here',
    private _tab: PipelinesTab = 'runs'
  ) {
    model.kfp.changed.connect(this.emit, this);
  }

  /** What is looked at; where there is no KFP server, what is here. */
  get shown(): PipelinePlace {
    return this.model.kfp.status.configured ? this.wanted : 'here';
  }

  /** Which of its lists is looked at. */
  get tab(): PipelinesTab {
    return this._tab;
  }

  /** The lists of what is looked at. */
  get lists(): PipelineLists {
    return this.listsAt(this.shown);
  }

  /** The lists of a place. */
  listsAt(place: PipelinePlace): PipelineLists {
    let lists = this.known.get(place);
    if (!lists) {
      lists = new PipelineLists(this.model, place);
      this.known.set(place, lists);
      lists.runs.changed.connect(this.onRuns, this);
    }
    return lists;
  }

  /** Emitted when something else is looked at, and when the runs changed that are. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Look at another place. */
  show(place: PipelinePlace): void {
    this.wanted = place;
    this.emit();
  }

  /** Look at another list. */
  showTab(tab: PipelinesTab): void {
    this._tab = tab;
    if (tab === 'recurring') {
      // A file that is gone, or back, is no event.
      void this.lists.recurring.refresh();
    }
    this.emit();
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.model.kfp.changed.disconnect(this.emit, this);
      this.known.forEach(lists => lists.dispose());
      Signal.clearData(this);
    }
  }

  private onRuns(runs: PipelineRunsModel): void {
    if (runs.error && runs.place === 'kfp') {
      // It may be the whole server that has gone.
      void this.model.kfp.refresh();
    }
    this.emit();
  }

  private emit(): void {
    this._changed.emit();
  }

  private _isDisposed = false;
  private readonly known = new Map<PipelinePlace, PipelineLists>();
  private readonly _changed = new Signal<this, void>(this);
}
