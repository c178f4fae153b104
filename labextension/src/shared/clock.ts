import * as React from 'react';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

function tick(): void {
  timer = undefined;
  schedule();
  if (!document.hidden) {
    listeners.forEach(listener => listener());
  }
}

function schedule(): void {
  if (timer === undefined && listeners.size > 0) {
    timer = setTimeout(tick, 1000 - (Date.now() % 1000));
  }
}

/**
 * The time now, renewed each second while `active` and each minute otherwise;
 * all users share one timer, so that all clocks on a page move together.
 */
export function useNow(active: boolean): number {
  const [now, setNow] = React.useState(() => Date.now());
  React.useEffect(() => {
    const step = active ? 1000 : 60_000;
    const listener = (): void =>
      setNow(before => (Date.now() - before >= step - 500 ? Date.now() : before));
    listeners.add(listener);
    schedule();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && timer !== undefined) {
        clearTimeout(timer);
        timer = undefined;
      }
    };
  }, [active]);
  return now;
}
