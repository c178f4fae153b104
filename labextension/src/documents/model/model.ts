import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { explain } from '../../api/request';
import type { IModelVersion, IPromotion, IRegisteredModel, Stage } from '../../api/registrytypes';
import type { IOpenModelArgs } from '../../commands';
import { isGone } from '../../mime/live';
import { Coalescer } from '../../models/coalesce';
import { placeOf } from '../../shared/board';
import type { IModelChange, ITracksideModel } from '../../tokens';
import { RunCache } from './runs';

/** How many versions a page has, and how many of those that stand somewhere are fetched beside it. */
const PAGE = 50;
const MOST_BESIDE = 30;

/** A registered model as its document shows it. */
export class ModelDocument implements IDisposable {
  constructor(
    readonly tracks: ITracksideModel,
    args: IOpenModelArgs
  ) {
    this._name = args.name;
    this._chosen = args.version ?? null;
    this.runs = new RunCache(tracks.trackingApi, () => this._changed.emit());
    this.loader = new Coalescer(() => this.load());
    tracks.changed.connect(this.onChanged, this);
    tracks.connectionChanged.connect(this.onConnection, this);
    void this.loader.run();
  }

  /** The runs that the versions came from. */
  readonly runs: RunCache;
  model: IRegisteredModel | null = null;
  /** The versions that were fetched, the newest first. */
  versions: readonly IModelVersion[] = [];
  hasMoreVersions = false;
  /** Who moved what, the newest line first. */
  history: readonly IPromotion[] = [];
  hasMoreHistory = false;
  /** Since when moves are written down, where that was not always so. */
  since: number | null = null;
  /** Why there is nothing to show, or what went wrong with what is shown. */
  problem = '';

  get name(): string {
    return this._name;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The version whose details are shown: the one that was chosen, or the one that matters most. */
  get chosen(): IModelVersion | null {
    const found = this.versions.find(({ version }) => version === this._chosen);
    const inProduction = this.versions.find(one => this.placeOf(one) === 'Production');
    return found ?? inProduction ?? this.versions[0] ?? null;
  }
  choose(version: string): void {
    this._chosen = version;
    this._changed.emit();
  }

  /** What opens this document again. */
  get openArgs(): IOpenModelArgs & Record<string, string | undefined> {
    return { name: this._name, version: this._chosen ?? undefined };
  }

  /** The aliases of a version; searches do not always bring them. */
  aliasesOf(version: string): string[] {
    const aliases = this.model?.aliases ?? [];
    return aliases.filter(one => one.version === version).map(({ alias }) => alias);
  }

  /** The column of the board in which a version stands. */
  placeOf(version: IModelVersion): Stage {
    return placeOf(this.aliasesOf(version.version), version.current_stage);
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.tracks.changed.disconnect(this.onChanged, this);
    this.tracks.connectionChanged.disconnect(this.onConnection, this);
    Signal.clearData(this);
  }

  /** Fetch everything anew: an outside server does not tell when it changes. */
  async refresh(): Promise<void> {
    await this.loader.run();
  }

  /** Move a version to a column of the board. */
  async place(version: string, stage: Stage, reason: string, archive: boolean): Promise<void> {
    await this.tracks.registryApi.place(this._name, version, stage, reason, archive);
    await this.refresh();
  }

  /** Take a move back. */
  async takeBack(move: number): Promise<void> {
    await this.tracks.registryApi.takeBack(this._name, move, '');
    await this.refresh();
  }

  /** Give an alias to a version; `null` takes it away. */
  async setAlias(alias: string, version: string | null, reason: string): Promise<void> {
    await this.tracks.registryApi.setAlias(this._name, alias, version, reason);
    await this.refresh();
  }

  /** The description of the model, or of one of its versions, as the server has it now. */
  async described(version?: string): Promise<string> {
    const { registryApi } = this.tracks;
    const found = version
      ? await registryApi.version(this._name, version)
      : await registryApi.model(this._name);
    return found.description;
  }

  /** Describe the model, or one of its versions. */
  async describe(text: string, version?: string): Promise<void> {
    await this.tracks.registryApi.describe(this._name, text, version);
    await this.refresh();
  }

  /** Set a tag of the model; `null` takes it away. */
  async setTag(key: string, value: string | null): Promise<void> {
    await this.tracks.registryApi.setTag(this._name, key, value);
    await this.refresh();
  }

  /** Give the model another name. */
  async rename(name: string): Promise<void> {
    await this.tracks.registryApi.rename(this._name, name);
    this._name = name;
    await this.refresh();
  }

  /** Delete a version for ever. */
  async removeVersion(version: string): Promise<void> {
    await this.tracks.registryApi.remove(this._name, version);
    this.versions = this.versions.filter(one => one.version !== version);
    await this.refresh();
  }

  /** Fetch older versions. */
  async loadMoreVersions(): Promise<void> {
    this.pages += 1;
    await this.refresh();
  }

  /** Fetch older lines of the history. */
  async loadMoreHistory(): Promise<void> {
    const last = this.history[this.history.length - 1];
    if (last) {
      const page = await this.tracks.registryApi.history(this._name, last.number);
      this.older = [...this.older, ...page.promotions];
      this.history = unique([...this.history, ...page.promotions]);
      this.hasMoreHistory = page.before !== null;
      this._changed.emit();
    }
  }

  private async load(): Promise<void> {
    const { registryApi, trans } = this.tracks;
    const name = this._name;
    try {
      const [model, page, history] = await Promise.all([
        registryApi.model(name),
        registryApi.versions(name, null, PAGE * this.pages),
        registryApi.history(name)
      ]);
      const beside = await this.fetchBeside(model, page.versions);
      if (this._isDisposed || name !== this._name) {
        return;
      }
      this.model = model;
      this.versions = [...page.versions, ...beside].sort(byNumber);
      this.hasMoreVersions = page.nextPageToken !== null;
      this.history = unique([...history.promotions, ...this.older]);
      this.hasMoreHistory = this.older.length ? this.hasMoreHistory : history.before !== null;
      this.since = history.since;
      this.problem = '';
      this.runs.want(this.versions.map(({ run_id }) => run_id));
    } catch (error) {
      if (this._isDisposed || name !== this._name) {
        return;
      }
      if (isGone(error)) {
        this.model = null;
      }
      this.problem = isGone(error)
        ? trans.__('There is no model of this name on the server.')
        : explain(error, trans);
    }
    this._changed.emit();
  }

  /** The versions that stand somewhere although they are too old for the page. */
  private async fetchBeside(
    model: IRegisteredModel,
    page: readonly IModelVersion[]
  ): Promise<IModelVersion[]> {
    const known = new Set(page.map(({ version }) => version));
    const latest = model.latest_versions.filter(one => !known.has(one.version));
    latest.forEach(({ version }) => known.add(version));
    const held = new Set(model.aliases.map(({ version }) => version));
    const missing = [...held].filter(version => !known.has(version)).slice(0, MOST_BESIDE);
    const fetched = await Promise.all(
      missing.map(version => this.tracks.registryApi.version(model.name, version).catch(() => null))
    );
    return [...latest, ...fetched.filter(one => one !== null)];
  }

  private onChanged(_: ITracksideModel, change: IModelChange): void {
    const isOurs = (one: { name: string }): boolean => one.name === this._name;
    const isGoneNow = change.deleted.some(one => one.kind === 'model' && one.id === this._name);
    if (change.reset || change.models.some(isOurs) || isGoneNow) {
      void this.loader.run();
    }
    this.runs.renew(change.runs.map(({ run_id }) => run_id));
  }

  private onConnection(): void {
    if (this.problem && this.tracks.connection.state === 'ok') {
      void this.loader.run();
    }
  }

  private _name: string;
  private _chosen: string | null;
  private pages = 1;
  private older: readonly IPromotion[] = [];
  private _isDisposed = false;
  private readonly loader: Coalescer;
  private readonly _changed = new Signal<this, void>(this);
}

function byNumber(one: IModelVersion, other: IModelVersion): number {
  return Number(other.version) - Number(one.version);
}

function unique(lines: readonly IPromotion[]): IPromotion[] {
  const seen = new Set<number>();
  return lines.filter(({ number }) => !seen.has(number) && seen.add(number));
}
