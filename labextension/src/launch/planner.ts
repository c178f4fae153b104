import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';

import type { IFinding, IPlan } from '../api/clustertypes';
import { ApiError, explain } from '../api/request';
import type { IJobRequest } from '../api/types';
import type { ITracksideModel } from '../tokens';

/** How long to wait after the last key before asking the server. */
const PAUSE = 400;

/** What the server would make of what is filled in, kept up with it. */
export class PlanModel implements IDisposable {
  constructor(
    private readonly model: ITracksideModel,
    /** What would be sent; nothing while there is nothing to plan. */
    private readonly body: () => IJobRequest | null,
    /** What is said of a refusal. */
    private readonly tell: (error: ApiError) => string
  ) {
    this.soon = new Debouncer(() => this.load(), PAUSE);
  }

  get plan(): IPlan | null {
    return this._plan;
  }

  /** Why there is no plan. */
  get problem(): string {
    return this._problem;
  }

  /** What keeps the job from starting. */
  get errors(): readonly IFinding[] {
    return this._plan?.findings.filter(({ level }) => level === 'error') ?? [];
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
      this.abort?.abort();
      Signal.clearData(this);
    }
  }

  /** Something was filled in. What is known stays until the server has answered. */
  update(): void {
    if (this.body()) {
      void this.soon.invoke().catch(() => undefined);
    } else {
      this.abort?.abort();
      this.set(null, '');
    }
  }

  private async load(): Promise<void> {
    this.abort?.abort();
    const { signal } = (this.abort = new AbortController());
    const body = this.body();
    if (!body) {
      this.set(null, '');
      return;
    }
    try {
      const plan = await this.model.jobsApi.plan(body, signal);
      if (!signal.aborted) {
        this.set(plan, '');
      }
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      if (error instanceof ApiError && error.kind === 'refused') {
        // What cannot be planned cannot be started.
        this.set(refusal(this.tell(error), error.details.hint), '');
      } else {
        this.set(null, explain(error, this.model.trans));
      }
    }
  }

  private set(plan: IPlan | null, problem: string): void {
    const isSame = plan === this._plan && problem === this._problem;
    this._plan = plan;
    this._problem = problem;
    if (!isSame) {
      this._changed.emit();
    }
  }

  private _plan: IPlan | null = null;
  private _problem = '';
  private abort: AbortController | null = null;
  private readonly soon: Debouncer<void>;
  private readonly _changed = new Signal<this, void>(this);
}

function refusal(message: string, hint: string | null | undefined): IPlan {
  const finding: IFinding = { level: 'error', message, hint };
  return { on: 'cluster', manifests: [], yaml: '', findings: [finding] };
}
