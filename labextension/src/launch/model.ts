import { UUID } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import type { ICluster, IFinding } from '../api/clustertypes';
import type { IRecurrence, IRecurringRun } from '../api/pipelinerecords';
import { ApiError, explain } from '../api/request';
import type { IPreview, IRunner } from '../api/types';
import { ClusterModel } from '../models/cluster';
import { kindOf } from '../paths';
import type { ITracksideModel } from '../tokens';
import {
  EMPTY_FORM,
  findMistakes,
  type FormField,
  type ILaunchForm,
  isOnCluster,
  type ITarget,
  mergeParams,
  type Mistake,
  toRequest
} from './form';
import { PlanModel } from './planner';
import { fieldOf, tell } from './refusal';
import { lines } from './values';
import { type IWhen, WhenModel } from './when';

/** How long to wait after the last key before asking the server what would travel. */
const PAUSE = 400;

/** What a launch needs to know. */
export interface ILaunchOptions {
  model: ITracksideModel;
  target: ITarget;
  /** What is filled in at first. */
  form: Partial<ILaunchForm>;
  /** When it is started; now, unless told. */
  when?: Partial<IWhen>;
  /** What recurs and is changed. */
  replaces?: IRecurringRun;
  /** Start the job, or have it recur; rejects with what is wrong. The key is the same while what is sent is. */
  send: (
    form: ILaunchForm,
    target: ITarget,
    key: string,
    recurrence: IRecurrence | null
  ) => Promise<void>;
}

/** A launch being prepared: what is filled in, what would travel, what is wrong. */
export class LaunchModel implements IDisposable {
  constructor(private readonly options: ILaunchOptions) {
    this.model = options.model;
    this._target = options.target;
    this._form = { ...EMPTY_FORM, path: options.target.path, ...options.form };
    // What a cell needs is in its kernel, and gone when that is.
    this.when =
      options.target.kind === 'cell'
        ? null
        : new WhenModel(
            options.model.recurringApi,
            options.model.trans,
            options.when,
            options.replaces
          );
    this.when?.changed.connect(() => this._changed.emit());
    this.previewSoon = new Debouncer(() => this.loadPreview(), PAUSE);
    this.clusterModel = new ClusterModel(options.model);
    this.clusterModel.changed.connect(() => this._changed.emit());
    this.clusterModel.watch();
    this.plan = new PlanModel(
      options.model,
      () =>
        isOnCluster(this._form) && this.findMistakes().size === 0
          ? toRequest(this._form, this._target, this.key)
          : null,
      error => tell(error, this._form, this.model.trans)
    );
    this.plan.changed.connect(() => this._changed.emit());
    this.plan.update();
    void this.loadInfo();
    void this.loadPreview();
  }

  readonly model: ITracksideModel;
  /** Whether it is started now, or again and again; nothing for what cannot recur. */
  readonly when: WhenModel | null;
  /** What would be made of it on the cluster. */
  readonly plan: PlanModel;

  get target(): ITarget {
    return this._target;
  }

  get form(): ILaunchForm {
    return this._form;
  }

  /** This machine. */
  get runner(): IRunner | null {
    return this._runner;
  }

  /** The cluster, where there is one. */
  get cluster(): ICluster | null {
    return this.clusterModel.present;
  }

  /** What keeps the job from starting, as far as the server sees it beforehand. */
  get blockers(): readonly IFinding[] {
    return isOnCluster(this._form) ? this.plan.errors : [];
  }

  /** What would travel; nothing for cells, which the kernel packs. */
  get preview(): IPreview | null {
    return this._preview;
  }

  /** Why what would travel is not known. */
  get previewError(): string {
    return this._previewError;
  }

  /** Why the job was not started, where that is no matter of a field. */
  get error(): string {
    return this._error;
  }

  /** Whether the job is being started. */
  get isSending(): boolean {
    return this._isSending;
  }

  /** What is wrong with what is filled in; known once one tried to send it. */
  get mistakes(): ReadonlyMap<FormField, Mistake> {
    return this.wasTried ? this.findMistakes() : new Map<FormField, Mistake>();
  }

  /** What the server found wrong with what is filled in. */
  get refusals(): ReadonlyMap<FormField, string> {
    return this._refusals;
  }

  /** Emitted when anything of the above changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this.previewSoon.isDisposed;
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.previewSoon.dispose();
      this.clusterModel.dispose();
      this.plan.dispose();
      this.when?.dispose();
      Signal.clearData(this);
    }
  }

  /** Fill something in. */
  setForm(change: Partial<ILaunchForm>): void {
    const before = this._form;
    this._form = { ...before, ...change };
    this._error = '';
    this._refusals = new Map();
    if (change.path !== undefined && this._target.kind !== 'cell') {
      const path = change.path.trim();
      this._target = { kind: kindOf(path) ?? 'script', path };
    }
    if (change.path !== undefined || change.files !== undefined) {
      void this.previewSoon.invoke().catch(() => undefined);
    }
    this.plan.update();
    this._changed.emit();
  }

  /** Start the job; resolves to whether it was started. */
  async submit(): Promise<boolean> {
    if (this._isSending) {
      return false;
    }
    this.wasTried = true;
    if (this.mistakes.size > 0 || this.blockers.length > 0 || this.when?.error) {
      this._changed.emit();
      return false;
    }
    this._isSending = true;
    this._error = '';
    this._refusals = new Map();
    this._changed.emit();
    try {
      // Where there is a choice, what is shown is what is meant.
      const on = this._form.on || (this.cluster ? 'local' : '');
      const form = { ...this._form, on };
      const target = this._target;
      const recurrence = this.when?.recurrence ?? null;
      const key = this.keyOf(JSON.stringify([form, target, recurrence]));
      await this.options.send(form, target, key, recurrence);
      return true;
    } catch (error) {
      this.takeRefusal(error);
      return false;
    } finally {
      this._isSending = false;
      this._changed.emit();
    }
  }

  /** Say at its field what is wrong, where there is one. */
  private takeRefusal(error: unknown): void {
    const field = fieldOf(error);
    // A form that was closed meanwhile shows none.
    if (field && error instanceof ApiError && !this.isDisposed) {
      const text = [tell(error, this._form, this.model.trans), error.details.hint];
      this._refusals = new Map([[field, text.filter(Boolean).join(' ')]]);
    } else {
      this._error = explain(error, this.model.trans);
    }
  }

  private async loadInfo(): Promise<void> {
    try {
      const info = await this.model.jobsApi.info();
      this._runner = info.runners.find(({ name }) => name === 'local') ?? null;
    } catch (error) {
      this._error = explain(error, this.model.trans);
    }
    this._changed.emit();
  }

  private async loadPreview(): Promise<void> {
    const path = this._form.path.trim();
    const { files } = this._form;
    if (this._target.kind === 'cell' || kindOf(path) === null) {
      this._preview = null;
      this._changed.emit();
      return;
    }
    let preview: IPreview | null = null;
    let error = '';
    try {
      preview = await this.model.jobsApi.preview({ path, files: lines(files) });
    } catch (reason) {
      error = explain(reason, this.model.trans);
    }
    if (this.isDisposed || path !== this._form.path.trim() || files !== this._form.files) {
      return;
    }
    this._preview = preview;
    this._previewError = error;
    if (preview) {
      this._form = { ...this._form, params: mergeParams(preview.params, this._form.params) };
      this.plan.update();
    }
    this._changed.emit();
  }

  private findMistakes(): Map<FormField, Mistake> {
    return findMistakes(this._form, this._target, this._runner);
  }

  /** The key of what is sent, which is another one where that is: a key belongs to one request. */
  private keyOf(wanted: string): string {
    if (this.tried !== null && wanted !== this.tried) {
      this.key = UUID.uuid4();
    }
    this.tried = wanted;
    return this.key;
  }

  /** One for all tries of the same, so that a try whose answer was lost does not start a second job. */
  private key = UUID.uuid4();
  /** What was sent last. */
  private tried: string | null = null;
  private readonly clusterModel: ClusterModel;
  private readonly previewSoon: Debouncer<void>;
  private _target: ITarget;
  private _form: ILaunchForm;
  private _runner: IRunner | null = null;
  private _preview: IPreview | null = null;
  private _previewError = '';
  private _error = '';
  private _refusals: ReadonlyMap<FormField, string> = new Map();
  private _isSending = false;
  private wasTried = false;
  private readonly _changed = new Signal<this, void>(this);
}
