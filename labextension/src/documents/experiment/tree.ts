import type { IRunGroup, ITableRow } from '../../api/table';
import { PagedList } from './pages';

/** What a line of the table is about. */
export type Entry = { kind: 'run'; row: ITableRow } | { kind: 'group'; group: IRunGroup };

/** By what an entry is known among its siblings. */
export function entryKey(entry: Entry): string {
  return entry.kind === 'run' ? entry.row.run_id : `group ${JSON.stringify(entry.group.value)}`;
}

/** Where a line is: in which list, and where in that. */
export interface IPlace {
  branch: Branch;
  index: number;
}

/** A list of the table, and the lists that are unfolded below some of its items. */
export class Branch {
  constructor(
    /** What the list hangs below; nothing for that of the whole table. */
    readonly parent: Entry | null,
    readonly level: number
  ) {}

  readonly list = new PagedList<Entry>(entryKey);

  /** How many lines it takes, with what is unfolded. */
  get length(): number {
    return this.unfolded.reduce((sum, { branch }) => sum + branch.length, this.list.count);
  }

  /** All lists, this one first. */
  *all(): IterableIterator<Branch> {
    yield this;
    for (const { branch } of this.unfolded) {
      yield* branch.all();
    }
  }

  /** What is unfolded below an item. */
  below(key: string): Branch | undefined {
    return this.unfolded.find(open => open.key === key)?.branch;
  }

  /** Unfold an item, or fold it. */
  toggle(index: number): Branch | null {
    const entry = this.list.at(index);
    if (!entry) {
      return null;
    }
    const key = entryKey(entry);
    if (this.below(key)) {
      this.unfolded = this.unfolded.filter(open => open.key !== key);
      return null;
    }
    const branch = new Branch(entry, this.level + 1);
    this.unfolded = [...this.unfolded, { key, index, branch }].sort((a, b) => a.index - b.index);
    return branch;
  }

  /** The item in a line. */
  locate(line: number): IPlace | null {
    let passed = 0;
    for (const { index, branch } of this.unfolded) {
      if (line <= index + passed) {
        break;
      }
      const within = line - index - passed - 1;
      if (within < branch.length) {
        return branch.locate(within);
      }
      passed += branch.length;
    }
    const index = line - passed;
    return index >= 0 && index < this.list.count ? { branch: this, index } : null;
  }

  /** Where the items that are unfolded are now, after pages came. */
  settle(): void {
    this.unfolded = this.unfolded
      .map(open => {
        const index = this.list.indexOf(open.key);
        return index >= 0 ? { ...open, index } : open;
      })
      .filter(({ index }) => index < this.list.count)
      .sort((a, b) => a.index - b.index);
  }

  private unfolded: { key: string; index: number; branch: Branch }[] = [];
}
