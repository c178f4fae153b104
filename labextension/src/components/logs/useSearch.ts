import * as React from 'react';

import type { LogController } from './controller';
import { Finder, MAX_MATCHES, type IMatch } from './matches';
import { scanLog, type IScan } from './scan';

/** A search in a log: in what is held, and when asked for in all of it. */
export interface ILogSearch {
  query: string;
  setQuery(query: string): void;
  finder: Finder | null;
  /** The match that is chosen. */
  current: IMatch | null;
  /** How many there are, and which of them is chosen (from 1; 0 when none). */
  total: number;
  index: number;
  more: boolean;
  scan: IScan | null;
  next(): void;
  previous(): void;
  /** Search the whole log. */
  searchAll(): void;
}

export function useLogSearch(
  controller: LogController,
  version: number,
  onShow: (line: number) => void
): ILogSearch {
  const [query, setQueryState] = React.useState('');
  const [index, setIndex] = React.useState(0);
  const [scan, setScan] = React.useState<IScan | null>(null);
  const abort = React.useRef<AbortController | null>(null);
  const finder = React.useMemo(() => (query ? new Finder(query) : null), [query]);
  const matches = React.useMemo(
    () => finder?.matches(controller.window.lines, controller.window.base) ?? [],
    // The window is one object that grows; `version` says when.
    [finder, controller, version]
  );

  const stop = (): void => {
    abort.current?.abort();
    abort.current = null;
    setScan(null);
  };
  // The log of another rank has other places that match.
  React.useEffect(() => {
    setIndex(0);
    return stop;
  }, [controller]);
  const total = scan ? scan.hits.length : matches.length;
  const current = scan
    ? (matches.find(match => match.line === 0) ?? null)
    : index > 0
      ? (matches[Math.min(index, matches.length) - 1] ?? null)
      : null;

  const go = (step: number): void => {
    if (total === 0) {
      return;
    }
    // From nowhere, backwards: the newest first, as in a terminal.
    const from = index === 0 ? (step > 0 ? 0 : total + 1) : index;
    const target = ((from + step - 1 + total) % total) + 1;
    setIndex(target);
    controller.following = false;
    if (scan) {
      void controller.jump(scan.hits[target - 1]).then(() => onShow(0));
    } else {
      onShow(matches[target - 1].line);
    }
  };

  return {
    query,
    finder,
    current,
    total,
    index: Math.min(index, total),
    more: !scan && matches.length >= MAX_MATCHES,
    scan,
    setQuery: value => {
      stop();
      setIndex(0);
      setQueryState(value);
    },
    next: () => go(1),
    previous: () => go(-1),
    searchAll: () => {
      if (finder) {
        stop();
        setIndex(0);
        const controllerOfScan = new AbortController();
        abort.current = controllerOfScan;
        const { api, job, rank } = controller;
        const { signal } = controllerOfScan;
        scanLog(api, job, finder, signal, setScan, rank).catch(
          () => !signal.aborted && setScan(null)
        );
      }
    }
  };
}
