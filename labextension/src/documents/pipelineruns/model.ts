import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { PipelinePlace } from '../../api/pipelineplace';
import { hasRunEnded, type IPipelineExperiment, type IRunRecord } from '../../api/pipelinerecords';
import type { IOpenPipelineRunsArgs } from '../../commands';
import { PipelineRunsModel } from '../../models/pipelineruns';
import { PipelinesModel } from '../../models/pipelines';
import { Selection } from '../../models/selection';
import type { ITracksideModel } from '../../tokens';

/** The list of pipeline runs: what is listed, what is selected, and the names that stand beside. */
export class RunsDocumentModel implements IDisposable {
  constructor(
    readonly tracks: ITracksideModel,
    args: IOpenPipelineRunsArgs
  ) {
    this.place = args.place ?? 'here';
    this.runs = new PipelineRunsModel(
      tracks,
      { pipeline: args.pipeline ?? '', recurring: args.recurring_run ?? '' },
      this.place
    );
    this.pipelines = new PipelinesModel(tracks, this.place);
    for (const part of [this.runs, this.pipelines, this.selection]) {
      part.changed.connect(this.emit, this);
    }
    void this.loadExperiments();
    void this.loadRecurring();
  }

  /** Where the runs are. */
  readonly place: PipelinePlace;
  readonly runs: PipelineRunsModel;
  readonly pipelines: PipelinesModel;
  readonly selection = new Selection();
  experiments: readonly IPipelineExperiment[] = [];
  /** The name of what recurs, where only runs of that are listed. */
  recurring = '';

  /** Emitted when anything changed that is shown. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this.runs.isDisposed;
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.runs.dispose();
      this.pipelines.dispose();
      this.selection.changed.disconnect(this.emit, this);
      Signal.clearData(this);
    }
  }

  /** What opens the list again. */
  get openArgs(): { place: PipelinePlace; pipeline?: string; recurring_run?: string } {
    const { pipeline, recurring } = this.runs.asked;
    return {
      place: this.place,
      ...(pipeline && { pipeline }),
      ...(recurring && { recurring_run: recurring })
    };
  }

  /** List runs of something else. */
  show(args: IOpenPipelineRunsArgs): void {
    this.runs.change({ pipeline: args.pipeline ?? '', recurring: args.recurring_run ?? '' });
    void this.loadRecurring();
  }

  /** The selected runs that are listed. */
  get selected(): IRunRecord[] {
    return this.runs.items.filter(({ run_id }) => this.selection.has(run_id));
  }

  /** Those of them that have not ended. */
  get live(): IRunRecord[] {
    return this.selected.filter(({ state }) => !hasRunEnded(state) && state !== 'CANCELING');
  }

  /** The name of what was run. */
  pipelineOf(run: IRunRecord): string {
    const known = this.pipelines.items.find(one => one.pipeline_id === run.pipeline_id);
    return known?.name ?? run.pipeline;
  }

  /** The name of the experiment of a run; its id while that is not known. */
  experimentOf({ experiment_id: id }: IRunRecord): string {
    return this.experiments.find(one => one.experiment_id === id)?.name ?? id;
  }

  private async loadExperiments(): Promise<void> {
    try {
      const { trackingApi, pipelinesApi } = this.tracks;
      this.experiments = await (this.place === 'here'
        ? trackingApi.experiments()
        : pipelinesApi.experiments(this.place));
      this.emit();
    } catch {
      // Their ids say enough until the list is asked for again.
    }
  }

  private async loadRecurring(): Promise<void> {
    const { recurring } = this.runs.asked;
    this.recurring = '';
    if (recurring) {
      const found = await this.tracks.recurringApi.get(recurring).catch(() => null);
      if (recurring === this.runs.asked.recurring) {
        this.recurring = found?.name ?? recurring;
        this.emit();
      }
    }
  }

  private emit(): void {
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
}
