/**
 * Runs an asynchronous task one at a time, and at most once more for all the calls that came while
 * it ran: whoever calls gets a run that began after the call.
 */
export class Coalescer {
  constructor(private readonly task: () => Promise<void>) {}

  /** Have the task run; resolves or rejects with the run that began after this call. */
  run(): Promise<void> {
    if (!this.current) {
      this.current = this.task().finally(() => {
        this.current = null;
      });
      return this.current;
    }
    if (!this.next) {
      const start = (): Promise<void> => {
        this.next = null;
        return this.run();
      };
      this.next = this.current.then(start, start);
    }
    return this.next;
  }

  private current: Promise<void> | null = null;
  private next: Promise<void> | null = null;
}
