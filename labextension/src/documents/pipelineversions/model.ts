import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { type PipelinePlace, placeOf } from '../../api/pipelineplace';
import type { IPipeline, IPipelineVersion } from '../../api/pipelinerecords';
import { explain } from '../../api/request';
import type { IOpenPipelineArgs } from '../../commands';
import { Coalescer } from '../../models/coalesce';
import { whenMoved } from '../../models/kfp';
import { type ISpec, readSpec } from '../../pipelines/ir';
import type { IModelChange, ITracksideModel } from '../../tokens';

/** How many versions are fetched at once, and at most. */
const PAGE = 20;
const MOST = 200;

/** A pipeline that was uploaded, as its document shows it: its versions, and which are looked at. */
export class PipelineDocumentModel implements IDisposable {
  constructor(
    readonly tracks: ITracksideModel,
    private readonly args: IOpenPipelineArgs
  ) {
    this.pipelineId = args.pipeline;
    this._chosen = args.version ?? '';
    this.loader = new Coalescer(() => this.fetch());
    tracks.changed.connect(this.onChanged, this);
    this.place = placeOf(args.pipeline);
    this.moves = whenMoved(tracks, this.place, () => void this.load());
    void this.load();
  }

  readonly pipelineId: string;
  /** Where the pipeline is. */
  readonly place: PipelinePlace;
  pipeline: IPipeline | null = null;
  /** The versions that were fetched, the newest first; nothing before the first answer. */
  versions: readonly IPipelineVersion[] | null = null;
  /** What went wrong last, in a sentence. */
  problem = '';

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.tracks.changed.disconnect(this.onChanged, this);
      this.moves.dispose();
      Signal.clearData(this);
    }
  }

  get name(): string {
    return this.pipeline?.name ?? this.args.name ?? '';
  }

  /** What opens the document again. */
  get openArgs(): { pipeline: string; name: string; version?: string } {
    return {
      pipeline: this.pipelineId,
      name: this.name,
      ...(this._chosen && { version: this._chosen })
    };
  }

  /** Whether there are more versions than were fetched. */
  get hasMore(): boolean {
    return this.next !== null;
  }

  /** The version that is looked at. */
  get chosen(): IPipelineVersion | undefined {
    return (
      this.versions?.find(({ version_id }) => version_id === this._chosen) ?? this.versions?.[0]
    );
  }

  /** The version that it is compared with. */
  get other(): IPipelineVersion | undefined {
    return this.versions?.find(({ version_id }) => version_id === this._other);
  }

  choose(versionId: string): void {
    this._chosen = versionId;
    this._changed.emit();
  }

  compareWith(versionId: string): void {
    this._other = versionId;
    this._changed.emit();
  }

  /** The graph of a version, as far as it is drawn. */
  specOf(version: IPipelineVersion): ISpec | null {
    if (!this.specs.has(version.version_id)) {
      this.specs.set(version.version_id, readSpec(version.spec?.pipeline, this.tracks.trans));
    }
    return this.specs.get(version.version_id)!;
  }

  /** Fetch the next versions. */
  async more(): Promise<void> {
    const { next } = this;
    await this.attempt(async () => {
      const page = await this.tracks.pipelinesApi.versions(this.pipelineId, {
        sort_by: 'created_at desc',
        page_token: next,
        page_size: PAGE
      });
      if (next === this.next) {
        this.versions = [...(this.versions ?? []), ...page.items];
        this.next = page.nextPageToken;
      }
    });
  }

  /** Delete a version; there is no way back. */
  async remove(version: IPipelineVersion): Promise<void> {
    await this.tracks.pipelinesApi.deleteVersion(this.pipelineId, version.version_id);
    await this.load();
  }

  /** Fetch everything anew. */
  async load(): Promise<void> {
    await this.loader.run();
  }

  private async fetch(): Promise<void> {
    await this.attempt(async () => {
      const { pipelinesApi } = this.tracks;
      // As many as were there before: one of the last may be looked at.
      const page_size = Math.max(PAGE, Math.min(MOST, this.versions?.length ?? 0));
      const [pipeline, page] = await Promise.all([
        pipelinesApi.pipeline(this.pipelineId),
        pipelinesApi.versions(this.pipelineId, { sort_by: 'created_at desc', page_size })
      ]);
      this.pipeline = pipeline;
      this.versions = page.items;
      this.next = page.nextPageToken;
    });
  }

  private async attempt(task: () => Promise<void>): Promise<void> {
    try {
      await task();
      this.problem = '';
    } catch (error) {
      this.problem = explain(error, this.tracks.trans);
    }
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private onChanged(_: ITracksideModel, { reset, pipelines, deleted }: IModelChange): void {
    const isOurs =
      pipelines.some(({ pipeline_id }) => pipeline_id === this.pipelineId) ||
      deleted.some(({ kind, id }) => kind === 'pipeline' && id === this.pipelineId);
    if (reset || isOurs) {
      void this.load();
    }
  }

  private readonly loader: Coalescer;
  private readonly moves: IDisposable;
  private _chosen: string;
  private _other = '';
  private next: string | null = null;
  private _isDisposed = false;
  private readonly specs = new Map<string, ISpec | null>();
  private readonly _changed = new Signal<this, void>(this);
}
