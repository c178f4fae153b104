import { type ISignal, Signal } from '@lumino/signaling';

import { ApiError, explain } from '../../../api/request';
import type { IModelVersion, Stage } from '../../../api/registrytypes';
import type { IRun } from '../../../api/types';
import type { ISubmitted } from '../../../components/submitdialog';
import { isGone } from '../../../mime/live';
import type { ITracksideModel } from '../../../tokens';
import { findSources, type IModelSource } from './sources';

/** What is filled in. */
export interface IRegisterForm {
  source: string;
  name: string;
  stage: Stage;
  alias: string;
  description: string;
  reason: string;
}

/** What can be registered of a run, and how it is to be. */
export class RegisterModel implements ISubmitted<IModelVersion> {
  constructor(
    readonly tracks: ITracksideModel,
    readonly runId: string
  ) {
    void this.load();
  }

  run: IRun | null = null;
  sources: readonly IModelSource[] | null = null;
  /** Names to choose from. */
  names: readonly string[] = [];
  form: IRegisterForm = {
    source: '',
    name: '',
    stage: 'None',
    alias: '',
    description: '',
    reason: ''
  };
  /** What went wrong, in a sentence. */
  error = '';
  isBusy = false;
  /** What was registered. */
  registered: IModelVersion | null = null;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What was done before something went wrong, in a sentence; empty where that was nothing. */
  get progress(): string {
    const { registered, error } = this;
    return registered && error
      ? this.tracks.trans.__(
          'It is registered as version %1. What came after that failed:',
          registered.version
        )
      : '';
  }

  /** Whether there is something to register, with a name. */
  get isReady(): boolean {
    const { source, name, alias } = this.form;
    const isNamed = name.trim() !== '' && isName(name);
    return !this.isBusy && source !== '' && isNamed && isAlias(alias);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  /** Fill something in. */
  set(change: Partial<IRegisterForm>): void {
    this.form = { ...this.form, ...change };
    this.error = '';
    this._changed.emit();
  }

  /** Register it; gives nothing where not all went well, which the form says. */
  async submit(): Promise<IModelVersion | null> {
    if (!this.isReady) {
      return null;
    }
    this.isBusy = true;
    this.error = '';
    this._changed.emit();
    try {
      return await this.register();
    } catch (error) {
      this.error = explain(error, this.tracks.trans);
      return null;
    } finally {
      this.isBusy = false;
      this._changed.emit();
    }
  }

  private async register(): Promise<IModelVersion> {
    const { registryApi } = this.tracks;
    const { form, runId } = this;
    // When only what followed failed, it is not registered again.
    if (!this.registered) {
      const name = form.name.trim();
      await this.makeName(name);
      const chosen = this.sources?.find(({ source }) => source === form.source);
      this.registered = await registryApi.createVersion({
        name,
        source: form.source,
        run_id: runId,
        model_id: chosen?.modelId || undefined,
        description: form.description
      });
    }
    const made = this.registered;
    const { stage, reason } = form;
    if (stage !== 'None' && stage !== this.placed) {
      await registryApi.place(made.name, made.version, stage, reason, false);
      this.placed = stage;
    }
    const alias = form.alias.trim();
    if (alias && alias !== this.called) {
      await registryApi.setAlias(made.name, alias, made.version, reason);
      this.called = alias;
    }
    return made;
  }

  private async makeName(name: string): Promise<void> {
    const { registryApi } = this.tracks;
    try {
      await registryApi.model(name);
    } catch (error) {
      if (!isGone(error)) {
        throw error;
      }
      await registryApi.createModel(name).catch(reason => {
        // Somebody else was faster.
        if (!(reason instanceof ApiError && reason.details.code === 'RESOURCE_ALREADY_EXISTS')) {
          throw reason;
        }
      });
    }
  }

  private async load(): Promise<void> {
    const { trackingApi, registryApi, trans } = this.tracks;
    try {
      this.run = await trackingApi.run(this.runId);
      this.sources = await findSources(this.run, trackingApi, registryApi);
      this.form = { ...this.form, source: this.sources[0]?.source ?? '' };
      this._changed.emit();
      this.names = (await registryApi.models('')).models.map(({ name }) => name);
    } catch (error) {
      this.error = explain(error, trans);
    }
    this._changed.emit();
  }

  /** The stage in which it was placed last. */
  private placed: Stage = 'None';
  /** The alias that it was given last. */
  private called = '';
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}

/** Whether something can be the name of a registered model, or is nothing: some characters are those of paths. */
export function isName(text: string): boolean {
  return !/[/:]/.test(text) && !text.trim().startsWith('..');
}

/** Whether something can be an alias, or is nothing: some words mean versions. */
export function isAlias(text: string): boolean {
  return /^([\w-]*)$/.test(text.trim()) && !/^(latest|v\d+)$/i.test(text.trim());
}
