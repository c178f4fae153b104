/** What is being made, by key: who asks for it again meanwhile gets the same. */
export class Underway<T> {
  /** What is on the way under the key, else what `make` makes. */
  get(key: string, make: () => Promise<T>): Promise<T> {
    const pending = this.pending.get(key) ?? make().finally(() => void this.pending.delete(key));
    this.pending.set(key, pending);
    return pending;
  }

  private readonly pending = new Map<string, Promise<T>>();
}
