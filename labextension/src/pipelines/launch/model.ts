import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { ICluster } from '../../api/clustertypes';
import type { PipelinePlace } from '../../api/pipelineplace';
import type {
  IPipelineExperiment,
  IPipelineVersion,
  IRecurrence,
  IRecurringRun,
  IRunRecord,
  IRunRequest,
  ISpec,
  RunSource
} from '../../api/pipelinerecords';
import { explain } from '../../api/request';
import { type IWhen, WhenModel } from '../../launch/when';
import { isGone } from '../../mime/live';
import { ClusterModel } from '../../models/cluster';
import type { ITracksideModel } from '../../tokens';
import {
  argumentsOf,
  type ArgumentReading,
  type IArgument,
  readArgument,
  showArgument
} from '../arguments';
import type { IPython, IPythons } from './pythons';

/** What is filled in beside the arguments. */
export interface IRunForm {
  name: string;
  experiment: string;
  /** `cluster`, `local`, or `auto` for where each task can run. */
  on: string;
  /** The interpreter of Python components that run on this machine; nothing for that of the server. */
  python: string;
  useCache: boolean;
}

/** What a run is prepared from. */
export interface IRunOptions {
  tracks: ITracksideModel;
  /** Where it is going to run; here, unless told. */
  place?: PipelinePlace;
  /** The name of the pipeline. */
  title: string;
  spec: ISpec;
  /** The versions to choose from, where it was uploaded; the one that is run comes first. */
  versions?: readonly IPipelineVersion[];
  values?: Record<string, unknown>;
  form?: Partial<IRunForm>;
  /** The interpreters that one can choose from. */
  pythons?: IPythons;
  /** When it is run; now, unless told. */
  when?: Partial<IWhen>;
  /** What recurs and is changed. */
  replaces?: IRecurringRun;
}

const EMPTY: IRunForm = {
  name: '',
  experiment: 'Default',
  on: 'auto',
  python: '',
  useCache: true
};

/** A pipeline run being prepared: what is filled in, and what is wrong with it. */
export class RunFormModel implements IDisposable {
  constructor(readonly options: IRunOptions) {
    this.trans = options.tracks.trans;
    this.place = options.place ?? 'here';
    this._spec = options.spec;
    this._version = options.versions?.[0]?.version_id ?? '';
    const { known = [], usual = '' } = (this.place === 'here' && options.pythons) || {};
    this.pythons = known;
    this.form = { ...EMPTY, python: usual, ...options.form };
    this.fill(options.values ?? {});
    const { recurringApi } = options.tracks;
    this.when = new WhenModel(recurringApi, this.trans, options.when, options.replaces);
    this.when.changed.connect(() => this._changed.emit());
    this.clusterModel = this.place === 'here' ? new ClusterModel(options.tracks) : null;
    this.clusterModel?.changed.connect(() => this._changed.emit());
    this.clusterModel?.watch();
    void this.loadExperiments();
  }

  readonly trans: ITracksideModel['trans'];
  readonly place: PipelinePlace;
  /** Whether it runs now, or again and again. */
  readonly when: WhenModel;
  form: IRunForm;
  /** The interpreters that one can choose from; none where it does not matter. */
  readonly pythons: readonly IPython[];
  /** What the pipeline takes. */
  args: readonly IArgument[] = [];
  /** What is typed for each argument, by name. */
  typed: ReadonlyMap<string, string> = new Map();
  experiments: readonly IPipelineExperiment[] = [];
  /** Why nothing was started. */
  error = '';
  isSending = false;

  /** Where its tasks may run, where there is a choice. */
  get cluster(): ICluster | null {
    return this.clusterModel?.present ?? null;
  }

  /** The versions to choose from; none where there is no choice. */
  get versions(): readonly IPipelineVersion[] {
    const { versions = [], replaces } = this.options;
    // One that stands in the place of another that is gone is shown, so that it can be seen.
    const isGone =
      replaces?.version_id && versions.every(one => one.version_id !== replaces.version_id);
    return versions.length > 1 || isGone ? versions : [];
  }

  /** The id of the version that is run; empty where there is no choice. */
  get version(): string {
    return this._version;
  }

  /** Emitted when anything of the above changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this.when.isDisposed;
  }

  dispose(): void {
    this.when.dispose();
    this.clusterModel?.dispose();
    Signal.clearData(this);
  }

  /** What was typed for an argument, read. */
  read(argument: IArgument): ArgumentReading {
    const { name } = argument;
    // An empty text and nothing look alike: what nobody touched stays what it was.
    return this.isGiven(name)
      ? { value: this.given[name] }
      : readArgument(argument, this.typed.get(name) ?? '');
  }

  /** Whether an argument was given nothing before, and still is. */
  isNone(name: string): boolean {
    return this.isGiven(name) && this.given[name] === null;
  }

  /** What is wrong with an argument, once one tried to start the run. */
  mistakeOf(argument: IArgument): Extract<ArgumentReading, { mistake: unknown }> | undefined {
    const reading = this.read(argument);
    const isTyped = (this.typed.get(argument.name) ?? '').trim() !== '';
    return 'mistake' in reading && (this.wasTried || isTyped) ? reading : undefined;
  }

  /** What was filled in for the arguments; nothing where something is wrong, which the form says then. */
  values(): Record<string, unknown> | null {
    const readings = this.args.map(argument => [argument.name, this.read(argument)] as const);
    this.wasTried = true;
    if (readings.some(([, reading]) => 'mistake' in reading)) {
      this._changed.emit();
      return null;
    }
    return Object.fromEntries(
      readings.flatMap(([name, reading]) => ('value' in reading ? [[name, reading.value]] : []))
    );
  }

  setForm(change: Partial<IRunForm>): void {
    this.form = { ...this.form, ...change };
    this.error = '';
    this._changed.emit();
  }

  type(name: string, text: string): void {
    this.typed = new Map(this.typed).set(name, text);
    this.touched.add(name);
    this.error = '';
    this._changed.emit();
  }

  /** Run another version; what was typed stays where that takes it too. */
  choose(versionId: string): void {
    const found = this.options.versions?.find(({ version_id }) => version_id === versionId);
    if (found?.spec) {
      const kept = this.typed;
      const kinds = new Map(this.args.map(({ name, kind }) => [name, kind]));
      this._version = versionId;
      this._spec = found.spec;
      this.fill(this.given);
      this.typed = new Map(
        [...this.typed].map(([name, text]) => [name, kept.get(name) ?? text] as const)
      );
      // What it was given is read anew where it is of another kind now.
      for (const { name, kind } of this.args) {
        if (kind !== kinds.get(name)) {
          this.touched.add(name);
        }
      }
      this._changed.emit();
    }
  }

  /** Start it; gives nothing where something is wrong, which the form says. */
  async submit(): Promise<IRunRecord | IRecurringRun | null> {
    if (this.isSending) {
      return null;
    }
    const values = this.values();
    if (!values || this.when.error) {
      return null;
    }
    this.isSending = true;
    this.error = '';
    this._changed.emit();
    try {
      const wanted = await this.request(values);
      const { recurrence } = this.when;
      return await (recurrence
        ? this.recur({ ...wanted, ...recurrence })
        : this.options.tracks.pipelinesApi.start(wanted));
    } catch (error) {
      this.error = explain(error, this.trans);
      return null;
    } finally {
      this.isSending = false;
      this._changed.emit();
    }
  }

  /** Have it recur, in the place of what is changed. */
  private async recur(wanted: IRunRequest & IRecurrence): Promise<IRecurringRun> {
    const { tracks, replaces } = this.options;
    const { recurringApi } = tracks;
    if (replaces && this.place === 'here') {
      return recurringApi.replace(replaces.recurring_id, wanted);
    }
    const made = await recurringApi.addPipeline(wanted);
    if (replaces) {
      await this.remove(replaces, made);
    }
    return made;
  }

  /**
   * Remove what is replaced: a KFP server cannot change it. Where that cannot be done, what replaces it goes again:
   * both would start runs.
   */
  private async remove(replaced: IRecurringRun, made: IRecurringRun): Promise<void> {
    const { recurringApi } = this.options.tracks;
    try {
      await recurringApi.remove(replaced.recurring_id);
    } catch (error) {
      if (!isGone(error)) {
        await recurringApi.remove(made.recurring_id);
        throw error;
      }
    }
  }

  private get source(): RunSource {
    const { versions, replaces } = this.options;
    const version = versions?.find(({ version_id }) => version_id === this._version);
    // What always runs the newest version goes on to do so, unless another one was chosen.
    const isNewest = replaces?.version_id === '' && version === versions?.[0];
    return version
      ? { pipeline_id: version.pipeline_id, version_id: isNewest ? '' : version.version_id }
      : { spec: this._spec, place: this.place };
  }

  private async request(values: Record<string, unknown>): Promise<IRunRequest> {
    return {
      name: this.form.name.trim() || this.options.title,
      description: this.options.replaces?.description,
      experiment_id: await this.experimentId(),
      source: this.source,
      arguments: values,
      pipeline_root: this.options.replaces?.pipeline_root,
      python: this.form.python || undefined,
      on: this.form.on === 'auto' ? undefined : this.form.on,
      ...this.caching
    };
  }

  /** Whether outputs are taken from the cache: what is changed says so where it was said before. */
  private get caching(): Pick<IRunRequest, 'cached'> {
    const { useCache } = this.form;
    const wasSaid = this.options.replaces?.cached !== undefined;
    return !useCache || wasSaid ? { cached: useCache } : {};
  }

  private async experimentId(): Promise<string | undefined> {
    const name = this.form.experiment.trim();
    const known = this.experiments.find(experiment => experiment.name === name);
    if (known || !name) {
      return known?.experiment_id;
    }
    const { trackingApi, pipelinesApi } = this.options.tracks;
    return this.place === 'here'
      ? trackingApi.createExperiment(name)
      : pipelinesApi.createExperiment(this.place, name);
  }

  private fill(values: Record<string, unknown>): void {
    this.given = values;
    this.args = argumentsOf(this._spec);
    this.typed = new Map(this.args.map(one => [one.name, this.shown(one)] as const));
  }

  /** What is filled in for an argument at first. */
  private shown(argument: IArgument): string {
    const { name, initial } = argument;
    return showArgument(argument, name in this.given ? this.given[name] : initial);
  }

  private isGiven(name: string): boolean {
    return name in this.given && !this.touched.has(name);
  }

  private async loadExperiments(): Promise<void> {
    try {
      const { trackingApi, pipelinesApi } = this.options.tracks;
      this.experiments = await (this.place === 'here'
        ? trackingApi.experiments()
        : pipelinesApi.experiments(this.place));
      this._changed.emit();
    } catch {
      // Without them there is nothing to choose from; a name can still be typed.
    }
  }

  /** What it was given before. */
  private given: Record<string, unknown> = {};
  /** The arguments for which something was typed. */
  private readonly touched = new Set<string>();
  private _spec: ISpec;
  private _version: string;
  private wasTried = false;
  private readonly clusterModel: ClusterModel | null;
  private readonly _changed = new Signal<this, void>(this);
}
