import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import type { ICluster } from '../../api/clustertypes';
import type { PipelinePlace } from '../../api/pipelineplace';
import type {
  IPipelineExperiment,
  IPipelineVersion,
  IRecurringRun,
  IRunRecord,
  IRunRequest,
  ISchedule,
  ISpec,
  RunSource
} from '../../api/pipelinerecords';
import { explain } from '../../api/request';
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

/** How long to wait after the last key before asking the server when it would run. */
const PAUSE = 300;

/** When a run is started: once and now, or again and again. */
export type When = 'now' | 'interval' | 'cron';

/** What is filled in beside the arguments. */
export interface IRunForm {
  name: string;
  experiment: string;
  /** `cluster`, `local`, or `auto` for where each task can run. */
  on: string;
  /** The interpreter of Python components that run on this machine; nothing for that of the server. */
  python: string;
  useCache: boolean;
  when: When;
  /** How many of the unit lie between two runs. */
  every: string;
  unit: 'minutes' | 'hours' | 'days';
  cron: string;
  /** Whether what was due while the server was away is started late. */
  catchUp: boolean;
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
  /** What recurs and is changed: what is made takes its place. */
  replaces?: IRecurringRun;
}

const EMPTY: IRunForm = {
  name: '',
  experiment: 'Default',
  on: 'auto',
  python: '',
  useCache: true,
  when: 'now',
  every: '1',
  unit: 'hours',
  cron: '0 0 6 * * *',
  catchUp: false
};

const SECONDS = { minutes: 60, hours: 3600, days: 86_400 };

/** What is filled in for a schedule, in the largest unit that fits. */
export function whenOf({ interval, cron }: ISchedule): Partial<IRunForm> {
  if (interval === null) {
    return { when: 'cron', cron };
  }
  const fits = (['days', 'hours'] as const).find(unit => interval % SECONDS[unit] === 0);
  const unit = fits ?? 'minutes';
  return { when: 'interval', unit, every: String(interval / SECONDS[unit]) };
}

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
    this.lookSoon = new Debouncer(() => this.lookAhead(), PAUSE);
    this.clusterModel = this.place === 'here' ? new ClusterModel(options.tracks) : null;
    this.clusterModel?.changed.connect(() => this._changed.emit());
    this.clusterModel?.watch();
    void this.loadExperiments();
    this.look();
  }

  readonly trans: ITracksideModel['trans'];
  readonly place: PipelinePlace;
  form: IRunForm;
  /** The interpreters that one can choose from; none where it does not matter. */
  readonly pythons: readonly IPython[];
  /** What the pipeline takes. */
  args: readonly IArgument[] = [];
  /** What is typed for each argument, by name. */
  typed: ReadonlyMap<string, string> = new Map();
  experiments: readonly IPipelineExperiment[] = [];
  /** When it would run next, in milliseconds; nothing where that is not known. */
  times: readonly number[] = [];
  /** What is wrong with when it recurs. */
  timesError = '';
  /** Why nothing was started. */
  error = '';
  isSending = false;

  /** Where its tasks may run, where there is a choice. */
  get cluster(): ICluster | null {
    return this.clusterModel?.present ?? null;
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
    return this.lookSoon.isDisposed;
  }

  dispose(): void {
    this.lookSoon.dispose();
    this.clusterModel?.dispose();
    Signal.clearData(this);
  }

  /** What was typed for an argument, read. */
  read(argument: IArgument): ArgumentReading {
    return readArgument(argument, this.typed.get(argument.name) ?? '');
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
    this.look();
    this._changed.emit();
  }

  type(name: string, text: string): void {
    this.typed = new Map(this.typed).set(name, text);
    this.error = '';
    this._changed.emit();
  }

  /** Run another version; what was typed stays where that takes it too. */
  choose(versionId: string): void {
    const found = this.options.versions?.find(({ version_id }) => version_id === versionId);
    if (found?.spec) {
      const kept = this.typed;
      this._version = versionId;
      this._spec = found.spec;
      this.fill({});
      this.typed = new Map(
        [...this.typed].map(([name, text]) => [name, kept.get(name) ?? text] as const)
      );
      this._changed.emit();
    }
  }

  /** Start it; gives nothing where something is wrong, which the form says. */
  async submit(): Promise<IRunRecord | IRecurringRun | null> {
    if (this.isSending) {
      return null;
    }
    const values = this.values();
    if (!values || this.timesError) {
      return null;
    }
    this.isSending = true;
    this.error = '';
    this._changed.emit();
    try {
      const wanted = await this.request(values);
      return await (this.form.when === 'now'
        ? this.options.tracks.pipelinesApi.start(wanted)
        : this.recur(wanted));
    } catch (error) {
      this.error = explain(error, this.trans);
      return null;
    } finally {
      this.isSending = false;
      this._changed.emit();
    }
  }

  /** Have it recur; what it takes the place of goes when it is there. */
  private async recur(wanted: IRunRequest): Promise<IRecurringRun> {
    const { tracks, replaces } = this.options;
    const made = await tracks.pipelinesApi.schedule({
      ...wanted,
      schedule: this.schedule,
      max_concurrency: replaces?.max_concurrency ?? 1,
      no_catchup: !this.form.catchUp,
      enabled: replaces?.enabled ?? true
    });
    if (replaces) {
      await this.remove(replaces, made);
    }
    return made;
  }

  /** Remove what is replaced; where that cannot be done, what replaces it goes again: both would start runs. */
  private async remove(replaced: IRecurringRun, made: IRecurringRun): Promise<void> {
    const { pipelinesApi } = this.options.tracks;
    try {
      await pipelinesApi.deleteRecurring(replaced.recurring_id);
    } catch (error) {
      if (!isGone(error)) {
        await pipelinesApi.deleteRecurring(made.recurring_id);
        throw error;
      }
    }
  }

  /** When it recurs. */
  private get schedule(): ISchedule {
    const { when, every, unit, cron } = this.form;
    const { start_at, end_at } = this.options.replaces?.schedule ?? {
      start_at: null,
      end_at: null
    };
    const interval = when === 'interval' ? Math.round(Number(every) * SECONDS[unit]) : null;
    return { interval, cron: interval === null ? cron.trim() : '', start_at, end_at };
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
      python: this.form.python || undefined,
      on: this.form.on === 'auto' ? undefined : this.form.on,
      ...(!this.form.useCache && { cached: false })
    };
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
    this.args = argumentsOf(this._spec);
    this.typed = new Map(
      this.args.map(one => [one.name, showArgument(one, values[one.name] ?? one.initial)] as const)
    );
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

  private look(): void {
    this.times = [];
    this.timesError = '';
    if (this.form.when !== 'now') {
      void this.lookSoon.invoke().catch(() => undefined);
    }
  }

  private async lookAhead(): Promise<void> {
    const asked = JSON.stringify(this.schedule);
    const isStill = (): boolean =>
      this.form.when !== 'now' && asked === JSON.stringify(this.schedule);
    try {
      const times = await this.options.tracks.pipelinesApi.times(this.schedule);
      if (isStill()) {
        this.times = times;
        this.timesError = '';
      }
    } catch (error) {
      if (isStill()) {
        this.timesError = explain(error, this.trans);
      }
    }
    if (!this.isDisposed) {
      this._changed.emit();
    }
  }

  private _spec: ISpec;
  private _version: string;
  private wasTried = false;
  private readonly clusterModel: ClusterModel | null;
  private readonly lookSoon: Debouncer;
  private readonly _changed = new Signal<this, void>(this);
}
