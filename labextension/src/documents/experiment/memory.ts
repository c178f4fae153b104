import type { IStateDB } from '@jupyterlab/statedb';
import { Debouncer } from '@lumino/polling';

/** How long to wait before something is kept: a scroll position changes often. */
const PAUSE = 300;

/** What is remembered of a table. */
export interface IKept {
  view?: unknown;
  top: number;
}

/** Remembers how a table of these experiments was left. */
export class Memory {
  constructor(
    private readonly state: IStateDB | null,
    experimentIds: readonly string[]
  ) {
    this.key = `trackside:experiment:${[...experimentIds].sort().join(',')}`;
    this.write = new Debouncer(() => this.put(), PAUSE);
  }

  async fetch(): Promise<IKept> {
    // Where nothing can be read, nothing is remembered.
    const found = await this.state?.fetch(this.key).catch(() => undefined);
    const kept = found as Partial<IKept> | undefined;
    this.kept = {
      view: kept?.view,
      top: typeof kept?.top === 'number' ? kept.top : 0,
      ...this.changes
    };
    return this.kept;
  }

  save(change: Partial<IKept>): void {
    // What was read late does not stand over it.
    this.changes = { ...this.changes, ...change };
    this.kept = { ...this.kept, ...change };
    this.isPending = true;
    void this.write.invoke().catch(() => undefined);
  }

  /** What was changed last is kept, even if its pause is not over. */
  dispose(): void {
    this.write.dispose();
    if (this.isPending) {
      void this.put().catch(() => undefined);
    }
  }

  private async put(): Promise<void> {
    this.isPending = false;
    await this.state?.save(this.key, JSON.parse(JSON.stringify(this.kept)));
  }

  private isPending = false;
  private changes: Partial<IKept> = {};
  private kept: IKept = { top: 0 };
  private readonly key: string;
  private readonly write: Debouncer<void>;
}
