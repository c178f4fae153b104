import { type ISignal, Signal } from '@lumino/signaling';

import { ApiError } from '../../api/request';
import type { ITableQuestion, ITableRow, TableApi } from '../../api/table';
import { plain } from '../../api/table';
import { type Field, splitField } from '../../models/fields';
import { PAGE, pageOf } from './pages';
import { Branch, type Entry, entryKey } from './tree';

/** How many requests for pages are on the way at once, at most. */
const AT_ONCE = 3;

/** How long the scroll position has to be to be worth a request. */
const PAUSE = 40;

/** How far from its old line an entry is looked for. */
const NEAR = 200;

/** What was asked, and all that has come of it. */
export interface IAsked {
  question: ITableQuestion;
  group: string | null;
}

/** A page that has to be fetched. */
interface IWanted {
  branch: Branch;
  page: number;
  fields: readonly Field[];
}

/** The lines of the table: those in view are here or on the way. */
export class Rows {
  constructor(
    private readonly api: TableApi,
    /** The fields that are shown now. */
    private readonly fields: () => readonly Field[]
  ) {}

  /** Emitted when something came, or did not. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What is shown. While another question is on the way, this is the last one that was answered. */
  get asked(): IAsked | null {
    return this._asked;
  }

  get root(): Branch {
    return this._root;
  }

  /** Whether a question waits for a server that did not answer it. */
  get isUnanswered(): boolean {
    return this.unanswered !== null;
  }

  /** Whether the answer to the present question is still to come. */
  get isLoading(): boolean {
    return this.next !== null;
  }

  /** Why the last question was not answered. */
  get error(): unknown {
    return this._error;
  }

  /** How many runs have come above since the question was asked, and are not shown. */
  shift = 0;

  /** The first and the last line in view. */
  get range(): readonly [number, number] {
    return this._range;
  }

  /** Ask something else; what is shown stays until there is an answer. */
  ask(asked: IAsked, top = 0): void {
    this.abortAll();
    this._error = null;
    this.unanswered = null;
    this.next = { asked, root: new Branch(null, 1) };
    void this.start(this.next, top);
    this._changed.emit();
  }

  /** Say which lines are in view. */
  look(first: number, last: number): void {
    if (first === this._range[0] && last === this._range[1]) {
      return;
    }
    this._range = [first, last];
    this.isStalled = false;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.pump();
    }, PAUSE);
  }

  /** Fetch what is in view anew; it is shown as it is until then. What was not answered is asked again. */
  refresh(): void {
    if (this.unanswered) {
      this.ask(this.unanswered);
      return;
    }
    this.shift = 0;
    this.isStalled = false;
    for (const branch of this._root.all()) {
      branch.list.expire();
    }
    this.abortPages();
    this.pump();
  }

  /** Fetch what other columns need. */
  complete(): void {
    this.pump();
  }

  entry(line: number): Entry | undefined {
    const place = this._root.locate(line);
    return place?.branch.list.at(place.index);
  }

  /** The line of an entry that is here, near one in which it was; nothing if it is not there. */
  lineOf(key: string, near: number): number | null {
    const isIt = (line: number): boolean => {
      const entry = this.entry(line);
      return entry !== undefined && entryKey(entry) === key;
    };
    for (let away = 0; away <= NEAR; away += 1) {
      if (isIt(near + away)) {
        return near + away;
      }
      if (isIt(near - away)) {
        return near - away;
      }
    }
    return null;
  }

  /** Whether the value of a field is here, rather than on the way. */
  isHere(line: number, field: Field): boolean {
    const place = this._root.locate(line);
    return place !== null && place.branch.list.has(place.index, field);
  }

  /** The rows that are here, by id. */
  row(id: string): ITableRow | undefined {
    for (const row of this.rows()) {
      if (row.run_id === id) {
        return row;
      }
    }
    return undefined;
  }

  /** All rows that are here. */
  *rows(): IterableIterator<ITableRow> {
    for (const branch of this._root.all()) {
      for (const entry of branch.list.items()) {
        if (entry.kind === 'run') {
          yield entry.row;
        }
      }
    }
  }

  /** The rows in view. */
  inView(): ITableRow[] {
    const found: ITableRow[] = [];
    for (let line = this._range[0]; line <= this._range[1]; line += 1) {
      const entry = this.entry(line);
      if (entry?.kind === 'run') {
        found.push(entry.row);
      }
    }
    return found;
  }

  /** Unfold a line, or fold it. */
  toggle(line: number): void {
    const place = this._root.locate(line);
    if (place) {
      place.branch.toggle(place.index);
      this.pump();
      this._changed.emit();
    }
  }

  /** What is unfolded below a line. */
  below(line: number): Branch | undefined {
    const entry = this.entry(line);
    return entry && this._root.locate(line)?.branch.below(entryKey(entry));
  }

  /** Put newer rows, with these fields, in the places of older ones. */
  update(rows: readonly ITableRow[], fields: readonly Field[]): void {
    const entries = new Map(rows.map(row => [row.run_id, { kind: 'run', row } as Entry]));
    const join = joinerOf(fields);
    const changes = [...this._root.all()].map(branch => branch.list.replace(entries, join));
    if (changes.some(Boolean)) {
      this._changed.emit();
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.next = null;
    this.abortAll();
    Signal.clearData(this);
  }

  private async start(next: { asked: IAsked; root: Branch }, top: number): Promise<void> {
    const abort = new AbortController();
    this.starting = abort;
    const wanted = { branch: next.root, page: pageOf(top), fields: this.fields() };
    try {
      await this.fetch(next.asked, wanted, 0, abort.signal);
      if (wanted.page > 0 && next.root.list.known === 0) {
        // There were more when the table was left.
        await this.fetch(next.asked, { ...wanted, page: 0 }, 0, abort.signal);
      }
      if (this.next !== next) {
        return;
      }
      this._root = next.root;
      this._asked = next.asked;
      this.shift = 0;
    } catch (error) {
      if (this.next !== next) {
        return;
      }
      this._error = error;
      // What the server refused would be refused again.
      this.unanswered = isRefusal(error) ? null : next.asked;
    }
    this.next = null;
    this.pump();
    this._changed.emit();
  }

  private pump(): void {
    if (!this._asked || this.next || this.isStalled) {
      return;
    }
    const wanted = this.wanted();
    for (const known of [...this.flights]) {
      if (!wanted.some(({ branch, page }) => branch === known.branch && page === known.page)) {
        known.abort.abort();
        this.flights.delete(known);
      }
    }
    for (const want of wanted) {
      const isUnderWay = [...this.flights].some(
        ({ branch, page }) => branch === want.branch && page === want.page
      );
      if (!isUnderWay && this.flights.size < AT_ONCE) {
        void this.fly(this._asked, want);
      }
    }
  }

  private async fly(asked: IAsked, want: IWanted): Promise<void> {
    const flight = { ...want, abort: new AbortController() };
    this.flights.add(flight);
    try {
      const shift = want.branch === this._root ? this.shift : 0;
      await this.fetch(asked, want, shift, flight.abort.signal);
      if (!this.flights.delete(flight)) {
        return;
      }
      this._error = null;
      want.branch.settle();
    } catch (error) {
      if (!this.flights.delete(flight)) {
        return;
      }
      // Until somebody looks elsewhere: it would be asked for without end.
      this.isStalled = true;
      this._error = error;
    }
    this.pump();
    this._changed.emit();
  }

  private wanted(): IWanted[] {
    const fields = this.fields();
    const pages = new Map<Branch, Set<number>>();
    for (let line = this._range[0]; line <= this._range[1]; line += 1) {
      const place = this._root.locate(line);
      if (place) {
        const known = pages.get(place.branch) ?? new Set();
        pages.set(place.branch, known.add(pageOf(place.index)));
      }
    }
    const wanted: IWanted[] = [];
    for (const [branch, numbers] of pages) {
      branch.list.dropFar(Math.min(...numbers), Math.max(...numbers));
      for (const page of numbers) {
        const missing = branch.list.missing(page, fields);
        if (missing) {
          wanted.push({ branch, page, fields: missing });
        }
      }
    }
    return wanted;
  }

  private async fetch(
    asked: IAsked,
    { branch, page, fields }: IWanted,
    shift: number,
    signal: AbortSignal
  ): Promise<void> {
    const { question, group } = asked;
    const offset = page * PAGE + shift;
    const values = valuesOf(fields);
    if (group !== null && group !== 'parent' && branch.parent === null) {
      const { experiment_ids, filter, view } = question;
      const groups = await this.api.groups(
        { experiment_ids, filter, view, metrics: values.metrics },
        group,
        offset,
        PAGE,
        signal
      );
      const end = offset + groups.groups.length;
      if (signal.aborted) {
        return;
      }
      branch.list.put(
        page,
        {
          items: groups.groups.map(item => ({ kind: 'group', group: item })),
          total: groups.total,
          hasMore: groups.total === null ? groups.groups.length === PAGE : end < groups.total,
          fields
        },
        joinerOf(fields)
      );
      return;
    }
    const answer = await this.api.window(
      { ...question, ...values, ...below(branch, group) },
      offset,
      PAGE,
      signal
    );
    if (signal.aborted) {
      return;
    }
    branch.list.put(
      page,
      {
        items: answer.rows.map(row => ({ kind: 'run', row })),
        total: answer.total === null ? null : Math.max(0, answer.total - shift),
        hasMore: answer.has_more,
        fields
      },
      joinerOf(fields)
    );
  }

  private abortAll(): void {
    this.starting?.abort();
    this.abortPages();
  }

  private abortPages(): void {
    this.flights.forEach(({ abort }) => abort.abort());
    this.flights.clear();
  }

  private _root = new Branch(null, 1);
  private _asked: IAsked | null = null;
  private _error: unknown = null;
  private _range: readonly [number, number] = [0, 0];
  private next: { asked: IAsked; root: Branch } | null = null;
  private unanswered: IAsked | null = null;
  private starting: AbortController | null = null;
  private isStalled = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly flights = new Set<IWanted & { abort: AbortController }>();
  private readonly _changed = new Signal<this, void>(this);
}

/** The keys that a window is asked for. */
export function valuesOf(
  fields: readonly Field[]
): Required<Pick<ITableQuestion, 'metrics' | 'params' | 'tags'>> {
  const keys = (kind: string): string[] =>
    fields.map(splitField).flatMap(field => (field.kind === kind ? [field.key] : []));
  return { metrics: keys('metrics'), params: keys('params'), tags: keys('tags') };
}

function below(branch: Branch, group: string | null): Pick<ITableQuestion, 'parent' | 'group'> {
  const { parent } = branch;
  if (parent === null) {
    return group === 'parent' ? { parent: null } : {};
  }
  return parent.kind === 'run'
    ? { parent: parent.row.run_id }
    : { group: { by: group ?? '', value: parent.group.value } };
}

/** What is here with what came: of the fields that were asked for, what did not come is gone. */
function joinerOf(fields: readonly Field[]): (before: Entry, now: Entry) => Entry {
  const { metrics, params, tags } = valuesOf(fields);
  return (before, now) => {
    if (before.kind === 'group' && now.kind === 'group') {
      const spreads = merged(before.group.metrics, now.group.metrics, metrics);
      return { kind: 'group', group: { ...now.group, metrics: spreads } };
    }
    if (before.kind !== 'run' || now.kind !== 'run') {
      return now;
    }
    const { row } = now;
    return {
      kind: 'run',
      row: {
        ...row,
        children: row.children ?? before.row.children,
        metrics: merged(before.row.metrics, row.metrics, metrics),
        params: merged(before.row.params, row.params, params),
        tags: merged(before.row.tags, row.tags, tags)
      }
    };
  };
}

function merged<T>(
  before: Record<string, T>,
  now: Record<string, T>,
  asked: readonly string[]
): Record<string, T> {
  const kept = plain(before);
  asked.forEach(key => delete kept[key]);
  return plain(kept, now);
}

/** What the Jupyter server says when an outside server does not answer it. */
const OUTSIDE_AWAY = 424;

/** Whether a question was understood and refused: it would be again. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && !error.isTemporary && error.details.status !== OUTSIDE_AWAY;
}
