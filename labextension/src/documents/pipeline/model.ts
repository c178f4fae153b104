import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { type PipelinePlace, placeOf, plainId } from '../../api/pipelineplace';
import type { IRunRecord } from '../../api/pipelinerecords';
import type { IPipelineTask } from '../../api/pipelinetypes';
import { explain } from '../../api/request';
import type { IOpenPipelineRunArgs } from '../../commands';
import { isGone } from '../../mime/live';
import { Coalescer } from '../../models/coalesce';
import { catchUp, whenMoved } from '../../models/kfp';
import { type ISpec, readSpec } from '../../pipelines/ir';
import { childPath, drawnAs, iterationPath, scopeOf } from '../../pipelines/paths';
import { layerAt, specTaskAt } from '../../pipelines/scene';
import { type ITask, readTasks, TaskTree } from '../../pipelines/tasks';
import { isLive } from '../../shared/states';
import type { IModelChange, ITracksideModel } from '../../tokens';

/** How often the tasks are fetched while the run goes on, at most. */
const REFRESH_EVERY = 1000;

/** A pipeline run as its document shows it: what it is, how it stands, and what of it is looked at. */
export class PipelineRunModel implements IDisposable {
  constructor(
    readonly tracks: ITracksideModel,
    private readonly args: IOpenPipelineRunArgs,
    /** What was asked for already. */
    private asked?: Promise<[readonly IPipelineTask[], IRunRecord]>
  ) {
    this.runId = args.run_id;
    this.place = placeOf(args.run_id);
    if (args.task) {
      this._chosen = args.task;
      this._scope = scopeOf(args.task);
    }
    this.sought = args.task_id ?? '';
    this.loader = new Coalescer(() => this.load());
    tracks.changed.connect(this.onChanged, this);
    tracks.connectionChanged.connect(this.onConnection, this);
    this.moves = whenMoved(tracks, this.place, () => void this.loader.run());
    void this.loader.run();
  }

  readonly runId: string;
  /** Where the run is. */
  readonly place: PipelinePlace;
  run: IRunRecord | null = null;
  /** The compiled pipeline, where the server has it. */
  spec: ISpec | null = null;
  tree: TaskTree = new TaskTree([]);
  /** Why there is nothing to show, or what went wrong with what is shown. */
  problem = '';

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get name(): string {
    return this.run?.name || this.args.name || plainId(this.runId).slice(0, 8);
  }

  get state(): string {
    return this.tree.root?.state ?? this.run?.state ?? 'PENDING';
  }

  /** Why the run is where it is, in a sentence. */
  get reason(): string {
    return this.tree.root?.message || this.run?.message || '';
  }

  /** When it first began: its root begins anew with each retry. */
  get started(): number | null {
    return this.run?.started_at ?? this.tree.root?.started ?? (this.run?.created_at || null);
  }

  get ended(): number | null {
    return this.tree.root?.ended ?? this.run?.ended_at ?? null;
  }

  /** Whether it has to be asked for from time to time: a KFP server tells of nothing. */
  get isWatched(): boolean {
    return this.isLive || (this.place === 'kfp' && this.problem !== '');
  }

  /** Whether its server does not tell what went into tasks and came out of them. */
  get isSilent(): boolean {
    return this.place === 'kfp' && this.tracks.kfp.status.api !== '3' && !this.tree.hasValues;
  }

  /** Whether anything can still happen. */
  get isLive(): boolean {
    return isLive(this.state);
  }

  /** The graph that is looked at: the path of what it is the inside of. */
  get scope(): string {
    return this._scope;
  }

  /** The path of the task that is looked at. */
  get chosen(): string | null {
    return this._chosen;
  }

  /** What the side sheet is about: the chosen task, or what the graph is the inside of. */
  get subject(): string {
    return this._chosen ?? this._scope;
  }

  /** What opens this document again. */
  get openArgs(): IOpenPipelineRunArgs & Record<string, string | undefined> {
    return { run_id: this.runId, name: this.name, task: this._chosen ?? undefined };
  }

  /** Look at a task of the graph that is shown, or at none. */
  choose(path: string | null): void {
    this.sought = '';
    if (path !== this._chosen) {
      this._chosen = path;
      this._changed.emit();
    }
  }

  /** Show a task wherever it is. */
  reveal(path: string): void {
    this.sought = '';
    this._scope = scopeOf(path);
    this._chosen = path;
    this._changed.emit();
  }

  /** Show the task with this id, as soon as it is known where that is. */
  find(id: string): void {
    this.sought = id;
    this.showSought();
    this._changed.emit();
  }

  /** Whether there is a graph inside. */
  isGraph(path: string): boolean {
    const layer = this.spec && layerAt(this.spec, path);
    return layer ? layer.size > 0 : this.tree.tasksIn(path).length > 0;
  }

  /** Look into a graph; of a loop, into the repetition that matters most. */
  enter(path: string): boolean {
    const isLoop = this.isLoop(path) && drawnAs(path) === path;
    const inside = isLoop ? this.mainIteration(path) : path;
    if (!this.isGraph(inside)) {
      return false;
    }
    this.sought = '';
    this._scope = inside;
    this._chosen = null;
    this._changed.emit();
    return true;
  }

  /** Look at a graph around the one that is shown, with what was looked into still chosen. */
  leave(scope = scopeOf(this._scope)): void {
    this.sought = '';
    if (this._scope) {
      const rest = this._scope.slice(scope ? scope.length + 1 : 0);
      this._chosen = drawnAs(childPath(scope, rest.split('/')[0]));
      this._scope = scope;
      this._changed.emit();
    }
  }

  /** Whether a task is repeated. */
  isLoop(path: string): boolean {
    const kind = this.spec && specTaskAt(this.spec, path)?.kind;
    return kind ? kind === 'loop' : this.tree.iterationsOf(drawnAs(path)).length > 0;
  }

  /** The same place in another repetition. */
  chooseIteration(loop: string, index: number): void {
    const other = iterationPath(loop, index);
    const inLoop = (path: string): boolean => path.startsWith(`${loop}[`);
    const moved = (path: string): string => other + path.slice(path.indexOf(']', loop.length) + 1);
    if (inLoop(this._scope)) {
      this._scope = moved(this._scope);
      this._chosen = this._chosen && inLoop(this._chosen) ? moved(this._chosen) : null;
    } else {
      this._chosen = other;
    }
    this._changed.emit();
  }

  /** Fetch everything anew. */
  async refresh(): Promise<void> {
    await this.loader.run();
  }

  /** Ask for the end of the run. */
  async terminate(): Promise<void> {
    await this.tracks.pipelineRunsApi.terminate(this.runId);
    await this.afterwards();
  }

  /** Go on from what failed. */
  async retry(): Promise<void> {
    await this.tracks.pipelineRunsApi.retry(this.runId);
    await this.afterwards();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this.timer);
    this.tracks.changed.disconnect(this.onChanged, this);
    this.tracks.connectionChanged.disconnect(this.onConnection, this);
    this.moves.dispose();
    Signal.clearData(this);
  }

  /** The repetition that one wants to see: one that failed, or that goes on, or the first. */
  private mainIteration(loop: string): string {
    const all = this.tree.iterationsOf(loop);
    const one =
      all.find(({ state }) => state === 'FAILED') ??
      all.find(({ state }) => state === 'RUNNING') ??
      (all[0] as ITask | undefined);
    return one?.path ?? iterationPath(loop, 0);
  }

  private showSought(): void {
    const { sought } = this;
    const found = sought && [...this.tree.byPath.values()].find(({ id }) => id === sought);
    if (found) {
      this.sought = '';
      this._scope = scopeOf(found.path);
      this._chosen = found.path;
    }
  }

  private async load(): Promise<void> {
    this.loadedAt = Date.now();
    const { pipelineRunsApi, pipelinesApi, trans } = this.tracks;
    try {
      const { asked } = this;
      this.asked = undefined;
      const [tasks, first] = await (asked ??
        Promise.all([pipelineRunsApi.tasks(this.runId), this.run ?? pipelinesApi.run(this.runId)]));
      const tree = readTasks(tasks, this.place);
      if (!this.run || tree.root?.state !== this.run.state) {
        const run = this.run ? await pipelinesApi.run(this.runId) : first;
        // A version that was deleted leaves its runs behind, which are then drawn without edges.
        this.spec ??= readSpec((await pipelinesApi.specOf(run))?.pipeline, trans);
        this.run = run;
      }
      if (this._isDisposed) {
        return;
      }
      this.tree = tree;
      this.problem = '';
      this.showSought();
    } catch (error) {
      if (this._isDisposed) {
        return;
      }
      if (this.place === 'kfp') {
        // It may be the whole server that has gone.
        void this.tracks.kfp.refresh();
      }
      // A KFP server says it in its own words, and one that is no longer set is another matter.
      this.problem =
        this.place === 'here' && isGone(error)
          ? trans.__('There is no such run on the server: it was deleted, or never there.')
          : explain(error, trans);
    }
    this._changed.emit();
  }

  private onChanged(_: ITracksideModel, change: IModelChange): void {
    const isOurs =
      change.pipelineRuns.some(run => run.run_id === this.runId) ||
      change.deleted.some(({ kind, id }) => kind === 'pipeline_run' && id === this.runId);
    if (change.reset || isOurs) {
      const wait = Math.max(0, this.loadedAt + REFRESH_EVERY - Date.now());
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        void this.loader.run();
      }, wait);
    }
  }

  private async afterwards(): Promise<void> {
    await this.refresh();
    await catchUp(this.tracks, this.runId);
  }

  private onConnection(): void {
    if (this.problem && this.tracks.connection.state === 'ok') {
      void this.loader.run();
    }
  }

  private _scope = '';
  private _chosen: string | null = null;
  /** The id of the task that is shown when it is found. */
  /** The id of a task to be shown as soon as it is there, unless somebody looks elsewhere before. */
  private sought = '';
  private _isDisposed = false;
  private loadedAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly loader: Coalescer;
  private readonly moves: IDisposable;
  private readonly _changed = new Signal<this, void>(this);
}
