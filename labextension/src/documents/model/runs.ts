import type { TrackingApi } from '../../api/tracking';
import type { IRun } from '../../api/types';
import { isGone } from '../../mime/live';

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
    this.ask(ids.filter(id => id && !this.asked.has(id)));
  }

  /** Fetch anew, among those that were asked for, what has changed; the old stays until then. */
  renew(ids: readonly string[]): void {
    this.ask(ids.filter(id => this.asked.has(id)));
  }

  private ask(ids: readonly string[]): void {
    for (const id of ids) {
      this.asked.add(id);
      if (!this.waiting.includes(id)) {
        this.waiting.push(id);
      }
    }
    while (this.busy < AT_ONCE && this.waiting.length) {
      void this.fetch();
    }
  }

  private async fetch(): Promise<void> {
    this.busy += 1;
    for (let id = this.waiting.shift(); id !== undefined; id = this.waiting.shift()) {
      try {
        this.known.set(id, await this.api.run(id));
      } catch (error) {
        if (isGone(error)) {
          this.known.set(id, null);
        } else if (!this.known.has(id)) {
          this.asked.delete(id);
        }
      }
      this.onNews();
    }
    this.busy -= 1;
  }

  private readonly known = new Map<string, IRun | null>();
  private readonly asked = new Set<string>();
  private readonly waiting: string[] = [];
  private busy = 0;
}
