import * as React from 'react';

import type { IChartRun } from '../../charts/hooks';
import type { RunModel } from './model';

/** The run of a document as charts take it. */
export function useChartRun(document: RunModel): readonly IChartRun[] {
  const { run, runId, name } = document;
  const start = run?.info.start_time ?? 0;
  const isLive = run?.info.status === 'RUNNING';
  return React.useMemo(() => [{ runId, label: name, start, isLive }], [runId, name, start, isLive]);
}

/** What a promise brings, fetched anew when `keys` change. */
export function useFetched<T>(
  fetch: (signal: AbortSignal) => Promise<T>,
  keys: readonly unknown[]
): { value: T | null; error: unknown; isLoading: boolean } {
  const [state, setState] = React.useState<{ value: T | null; error: unknown; isLoading: boolean }>(
    {
      value: null,
      error: null,
      isLoading: true
    }
  );
  React.useEffect(() => {
    const abort = new AbortController();
    setState(before => ({ ...before, isLoading: true }));
    fetch(abort.signal).then(
      value => !abort.signal.aborted && setState({ value, error: null, isLoading: false }),
      (error: unknown) =>
        !abort.signal.aborted && setState({ value: null, error, isLoading: false })
    );
    return () => abort.abort();
  }, keys);
  return state;
}

/** A value that changes at most so often; the last one always comes through. */
export function useThrottled<T>(value: T, milliseconds: number): T {
  const [shown, setShown] = React.useState(value);
  const at = React.useRef(0);
  React.useEffect(() => {
    const wait = Math.max(0, at.current + milliseconds - Date.now());
    const timer = setTimeout(() => {
      at.current = Date.now();
      setShown(value);
    }, wait);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return shown;
}
