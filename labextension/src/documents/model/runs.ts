import type { TrackingApi } from '../../api/tracking';
import type { IRun } from '../../api/types';

/** How many runs are asked for at the same time. */
const AT_ONCE = 6;

/** The runs behind the versions, fetched as they are wanted and kept until they change. */
export class RunCache {
  constructor(
    private readonly api: Pick<TrackingApi, 'run'>,
    private readonly onNews: () => void
  ) {}

  /** The run; `null` when it is gone, `undefined` while it is on its way. */
  get(id: string): IRun | null | undefined {
    return this.known.get(id);
  }

  /** Fetch those of these runs that are not known. */
  want(ids: readonly string[]): void {
    for (const id of ids) {
      if (id && !this.known.has(id) && !this.asked.has(id)) {
        this.asked.add(id);
        this.waiting.push(id);
      }
    }
    while (this.busy < AT_ONCE && this.waiting.length) {
      void this.fetch();
    }
  }

  /** Fetch anew, among those that are known, what has changed. */
  forget(ids: readonly string[]): void {
    this.want(ids.filter(id => this.known.delete(id)));
  }

  private async fetch(): Promise<void> {
    this.busy += 1;
    for (let id = this.waiting.shift(); id !== undefined; id = this.waiting.shift()) {
      const run = await this.api.run(id).catch(() => null);
      this.known.set(id, run);
      this.asked.delete(id);
      this.onNews();
    }
    this.busy -= 1;
  }

  private readonly known = new Map<string, IRun | null>();
  private readonly asked = new Set<string>();
  private readonly waiting: string[] = [];
  private busy = 0;
}
