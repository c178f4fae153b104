import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import type { ISent, SendSource } from '../../api/kfp';
import type { ISpec } from '../../api/pipelinerecords';
import { explain } from '../../api/request';
import type { ITracksideModel } from '../../tokens';
import { RunFormModel } from '../launch/model';

/** How long to wait after the last key before asking the server whether it has the name. */
const PAUSE = 300;

/** What is sent. */
export interface ISendOptions {
  tracks: ITracksideModel;
  source: SendSource;
  /** The name of the pipeline. */
  title: string;
  spec: ISpec;
  /** What a run of it was given. */
  values?: Record<string, unknown>;
}

/** A pipeline being sent to a KFP server: under which name, and whether it is run there. */
export class SendModel implements IDisposable {
  constructor(readonly options: ISendOptions) {
    const { tracks, title, spec, values } = options;
    this.trans = tracks.trans;
    this.run = new RunFormModel({ tracks, place: 'kfp', title, spec, values });
    this.run.changed.connect(this.emit, this);
    this._name = title;
    this.lookSoon = new Debouncer(() => this.look(), PAUSE);
    void this.look();
  }

  readonly trans: ITracksideModel['trans'];
  /** What is typed for the arguments. */
  readonly run: RunFormModel;
  version = '';
  isRun = false;
  /** Whether there is a pipeline of this name there; nothing where that is not known. */
  isKnown: boolean | null = null;
  /** Why it was not sent. */
  error = '';
  isSending = false;

  /** What is typed as the name. */
  get name(): string {
    return this._name;
  }

  /** The name that the pipeline has there: its own, unless told. */
  get nameThere(): string {
    return this._name.trim() || this.options.title;
  }

  /** Emitted when anything of the above changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this.run.isDisposed;
  }

  dispose(): void {
    this.lookSoon.dispose();
    this.run.dispose();
    Signal.clearData(this);
  }

  setName(name: string): void {
    this._name = name;
    this.isKnown = null;
    void this.lookSoon.invoke().catch(() => undefined);
    this.emit();
  }

  set(change: { version?: string; isRun?: boolean }): void {
    Object.assign(this, change);
    this.emit();
  }

  /** Send it; gives nothing where something is wrong, which the form says. */
  async submit(): Promise<ISent | null> {
    const values = this.isRun ? this.run.values() : {};
    if (!values || this.isSending) {
      return null;
    }
    this.isSending = true;
    this.error = '';
    this.emit();
    try {
      const { kfpApi } = this.options.tracks;
      return await kfpApi.send({
        source: this.options.source,
        name: this.nameThere,
        version_name: this.version.trim() || undefined,
        ...(this.isRun && { run: true, arguments: values })
      });
    } catch (error) {
      this.error = explain(error, this.trans);
      return null;
    } finally {
      this.isSending = false;
      this.emit();
    }
  }

  private async look(): Promise<void> {
    const name = this.nameThere;
    try {
      const { items } = await this.options.tracks.pipelinesApi.pipelines({
        place: 'kfp',
        conditions: [{ key: 'display_name', operation: 'EQUALS', value: name }],
        page_size: 1
      });
      if (name === this.nameThere) {
        this.isKnown = items.length > 0;
      }
    } catch {
      // What becomes of it is said when it was sent.
    }
    this.emit();
  }

  private emit(): void {
    if (!this.isDisposed) {
      this._changed.emit();
    }
  }

  private _name: string;
  private readonly lookSoon: Debouncer;
  private readonly _changed = new Signal<this, void>(this);
}
