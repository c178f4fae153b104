import type { IDisposable } from '@lumino/disposable';
import { Throttler } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import { placeOf } from '../../api/pipelineplace';
import { hasRunEnded, type IRunRecord } from '../../api/pipelinerecords';
import { explain } from '../../api/request';
import { Coalescer } from '../../models/coalesce';
import { whenMoved } from '../../models/kfp';
import { argumentsOf } from '../../pipelines/arguments';
import { type ISpec, readSpec } from '../../pipelines/ir';
import { readTasks } from '../../pipelines/tasks';
import type { IModelChange, ITracksideModel } from '../../tokens';
import type { IComparedRun } from './rows';

/** How often the runs are fetched anew while they go on, at most. */
const GAP = 2000;

/** What a run was made from, and the values of what it was not given. */
interface IMadeFrom {
  spec: ISpec | null;
  initial: Record<string, unknown>;
}

/** Pipeline runs side by side. */
export class PipelineCompareModel implements IDisposable {
  constructor(
    readonly tracks: ITracksideModel,
    readonly runIds: readonly string[]
  ) {
    this.loader = new Coalescer(() => this.fetch());
    this.soon = new Throttler(() => this.load(), { limit: GAP, edge: 'trailing' });
    tracks.changed.connect(this.onChanged, this);
    this.moves = whenMoved(tracks, placeOf(runIds[0]), () => void this.load());
    void this.load();
  }

  /** The runs with their tasks; nothing before they were fetched. */
  runs: readonly IComparedRun[] | null = null;
  /** What each of them ran, as far as it is drawn. */
  specs: readonly (ISpec | null)[] = [];
  /** What went wrong last, in a sentence. */
  problem = '';

  /** Whether they have to be asked for from time to time: a KFP server tells of nothing. */
  get isWatched(): boolean {
    return (
      placeOf(this.runIds[0]) === 'kfp' &&
      (this.problem !== '' || (this.runs ?? []).some(({ run }) => !hasRunEnded(run.state)))
    );
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this.soon.isDisposed;
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.soon.dispose();
      this.moves.dispose();
      this.tracks.changed.disconnect(this.onChanged, this);
      Signal.clearData(this);
    }
  }

  /** Fetch everything anew. */
  async load(): Promise<void> {
    await this.loader.run();
  }

  private async fetch(): Promise<void> {
    const { pipelinesApi, pipelineRunsApi } = this.tracks;
    try {
      const found = await Promise.all(
        this.runIds.map(async id => {
          const [run, tasks] = await Promise.all([pipelinesApi.run(id), pipelineRunsApi.tasks(id)]);
          const { spec, initial } = await this.madeFrom(run);
          const whole = { ...run, arguments: { ...initial, ...run.arguments } };
          return { run: whole, tree: readTasks(tasks, placeOf(id)), spec };
        })
      );
      this.runs = found;
      this.specs = found.map(({ spec }) => spec);
      this.problem = '';
    } catch (error) {
      this.problem = explain(error, this.tracks.trans);
    }
    if (!this.isDisposed) {
      this._changed.emit();
    }
  }

  /** What a run was made from does not change. */
  private async madeFrom(run: IRunRecord): Promise<IMadeFrom> {
    if (!this.known.has(run.run_id)) {
      const spec = await this.tracks.pipelinesApi.specOf(run);
      const initial = (spec ? argumentsOf(spec) : [])
        .filter(argument => argument.initial !== undefined)
        .map(argument => [argument.name, argument.initial]);
      this.known.set(run.run_id, {
        spec: readSpec(spec?.pipeline, this.tracks.trans),
        initial: Object.fromEntries(initial)
      });
    }
    return this.known.get(run.run_id)!;
  }

  private onChanged(_: ITracksideModel, { reset, pipelineRuns }: IModelChange): void {
    if (reset || pipelineRuns.some(({ run_id }) => this.runIds.includes(run_id))) {
      void this.soon.invoke().catch(() => undefined);
    }
  }

  private readonly known = new Map<string, IMadeFrom>();
  private readonly loader: Coalescer;
  private readonly moves: IDisposable;
  private readonly soon: Throttler;
  private readonly _changed = new Signal<this, void>(this);
}
