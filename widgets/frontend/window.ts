import * as React from 'react';

import { parseNumber } from '../../labextension/src/shared/format';
import type { Questions } from './kernel';

/** How many rows are asked for at once. */
const PAGE = 50;

/** Most pages that are kept. */
const KEPT = 20;

/** Some rows, as the kernel answers. */
interface IRows<R> {
  rows?: R[];
  total?: number | null;
  more?: boolean;
  curves?: Record<string, (number | string)[]>;
}

interface IPage<R> {
  rows: R[];
  curves: (readonly [string, readonly number[]])[];
}

/** The rows that the kernel was asked for: pages around those in view, and nothing else. */
export interface IWindow<R> {
  at: (index: number) => R | undefined;
  want: (from: number, to: number) => void;
  /** How many rows are known to be there. */
  count: number;
  hasMore: boolean;
  /** Whether anything was answered. */
  isKnown: boolean;
  curves: ReadonlyMap<string, readonly number[]>;
}

/** Ask for rows as they come into view, and again whenever what is shown moved. */
export function useWindow<R>(questions: Questions, revision: number): IWindow<R> {
  const [store] = React.useState(() => new Store<R>(questions));
  const [, draw] = React.useReducer((times: number) => times + 1, 0);
  React.useEffect(() => {
    store.onNews = draw;
    return () => {
      store.onNews = () => undefined;
    };
  }, [store]);
  React.useEffect(() => store.askAgain(), [store, revision]);
  return store;
}

class Store<R> implements IWindow<R> {
  constructor(private readonly questions: Questions) {}

  count = 0;
  hasMore = false;
  isKnown = false;
  curves: ReadonlyMap<string, readonly number[]> = new Map();
  onNews: () => void = () => undefined;

  readonly at = (index: number): R | undefined =>
    this.pages.get(Math.floor(index / PAGE))?.rows[index % PAGE];

  readonly want = (from: number, to: number): void => {
    this.range = [from, to];
    // One more, so that a list whose length nobody knows goes on.
    for (let page = Math.floor(from / PAGE); page <= Math.floor(to / PAGE); page++) {
      const isBeyond = this.isKnown && !this.hasMore && page * PAGE >= this.count;
      if (!this.asked.has(page) && !isBeyond) {
        this.asked.add(page);
        void this.ask(page);
      }
    }
  };

  /** What was answered is old: it stays in view until the new rows are there. */
  askAgain(): void {
    this.asked.clear();
    this.turn += 1;
    this.want(...this.range);
  }

  private async ask(page: number): Promise<void> {
    const { turn } = this;
    const question = { offset: page * PAGE, limit: PAGE };
    const answer = await this.questions.ask<IRows<R>>('rows', question);
    if (turn !== this.turn) {
      return;
    }
    if (!answer.rows) {
      // It could not be answered: whoever looks there again asks again.
      this.asked.delete(page);
      return;
    }
    const { rows, total, more = false, curves = {} } = answer;
    const end = page * PAGE + rows.length;
    if (this.seen !== turn) {
      // The first answer of a turn takes the place of all that was known before.
      this.pages.clear();
      this.count = 0;
      this.seen = turn;
    }
    this.pages.set(page, {
      rows,
      curves: Object.entries(curves).map(([id, values]) => [id, values.map(parseNumber)])
    });
    this.letGo();
    // Only the last of what is known tells whether there is more.
    if (end >= this.count) {
      this.hasMore = more;
    }
    this.count = total ?? Math.max(this.count, end);
    this.curves = new Map([...this.pages.values()].flatMap(known => known.curves));
    this.isKnown = true;
    this.onNews();
  }

  /** Of many pages, those far from what is in view are forgotten. */
  private letGo(): void {
    const middle = (this.range[0] + this.range[1]) / 2 / PAGE;
    const far = [...this.pages.keys()].sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
    for (const page of far.slice(KEPT)) {
      this.pages.delete(page);
      this.asked.delete(page);
    }
  }

  private readonly pages = new Map<number, IPage<R>>();
  private range: [number, number] = [0, 0];
  private readonly asked = new Set<number>();
  // Counts the times that everything was asked anew, so that late answers are dropped.
  private turn = 0;
  private seen = 0;
}
