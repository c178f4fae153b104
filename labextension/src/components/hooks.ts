import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

/** How often each signal that is drawn from was emitted. */
const counts = new WeakMap<object, { emitted: number }>();

function countOf<S, A>(signal: ISignal<S, A>): { emitted: number } {
  let count = counts.get(signal);
  if (!count) {
    const made = { emitted: 0 };
    signal.connect(() => {
      made.emitted += 1;
    });
    counts.set(signal, made);
    count = made;
  }
  return count;
}

/** Draw again whenever a signal is emitted, with what is meant where that is told; returns how often it was. */
export function useSignal<S, A>(
  signal: ISignal<S, A>,
  isMeant: (args: A) => boolean = () => true
): number {
  const [version, tick] = React.useReducer((count: number) => count + 1, 0);
  const count = countOf(signal);
  const { emitted } = count;
  const latest = React.useRef(isMeant);
  latest.current = isMeant;
  React.useEffect(() => {
    const listener = (_: S, args: A): void => {
      if (latest.current(args)) {
        tick();
      }
    };
    signal.connect(listener);
    // An effect runs some time after what it belongs to was drawn: an answer may have come between the two.
    if (count.emitted !== emitted) {
      tick();
    }
    return () => {
      signal.disconnect(listener);
    };
  }, [signal]);
  return version;
}

/** Whether something has been true for a while, so that what is quick does not flash. */
export function useAfter(condition: boolean, milliseconds = 200): boolean {
  const [isDue, setDue] = React.useState(false);
  React.useEffect(() => {
    if (!condition) {
      setDue(false);
      return undefined;
    }
    const timer = setTimeout(() => setDue(true), milliseconds);
    return () => clearTimeout(timer);
  }, [condition, milliseconds]);
  return condition && isDue;
}

/** A ref for an element, while which is in view something is done from time to time. */
export function useRefresh<E extends HTMLElement>(
  milliseconds: number | null,
  refresh: () => Promise<void>
): React.RefObject<E> {
  const element = React.useRef<E>(null);
  const latest = React.useRef(refresh);
  latest.current = refresh;
  React.useEffect(() => {
    if (milliseconds === null) {
      return undefined;
    }
    let isBusy = false;
    const timer = setInterval(() => {
      if (isBusy || document.hidden || !isInWindow(element.current)) {
        return;
      }
      isBusy = true;
      void latest.current().finally(() => {
        isBusy = false;
      });
    }, milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds]);
  return element;
}

function isInWindow(element: HTMLElement | null): boolean {
  const { top, bottom } = element?.getBoundingClientRect() ?? { top: 0, bottom: 0 };
  return Boolean(element?.offsetParent) && bottom > 0 && top < window.innerHeight;
}

/**
 * A ref for what holds a form that comes and goes: when the form closes and takes the focus with
 * it, the focus returns to what opened the form, or to the first button if that is gone.
 */
export function useFocusBack<E extends HTMLElement>(isOpen: boolean): React.RefObject<E> {
  const frame = React.useRef<E>(null);
  const wasOpen = React.useRef(isOpen);
  const opener = React.useRef<Element | null>(null);
  if (isOpen && !wasOpen.current) {
    opener.current = document.activeElement;
  }
  React.useLayoutEffect(() => {
    const hasClosed = wasOpen.current && !isOpen;
    wasOpen.current = isOpen;
    if (hasClosed && (!document.activeElement || document.activeElement === document.body)) {
      const buttons = [...(frame.current?.querySelectorAll('button') ?? [])];
      // What opened it was often taken away meanwhile, and is drawn anew.
      const again = buttons.find(button => nameOf(button) === nameOf(opener.current));
      (again ?? buttons[0])?.focus();
    }
  }, [isOpen]);
  return frame;
}

function nameOf(element: Element | null): string | null | undefined {
  return element?.getAttribute('aria-label') ?? element?.textContent;
}

/** Whether an element is in view or near it, now. */
export function useInView<T extends Element>(margin = '300px'): [React.RefCallback<T>, boolean] {
  const [element, setElement] = React.useState<T | null>(null);
  const [isInView, setInView] = React.useState(false);
  React.useEffect(() => {
    if (!element) {
      return;
    }
    const observer = new IntersectionObserver(
      entries => setInView(entries[entries.length - 1].isIntersecting),
      { rootMargin: margin }
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [element, margin]);
  return [setElement, isInView];
}

/** A ref for an element, and the width of that element. */
export function useWidth(): [React.RefCallback<HTMLElement>, number] {
  const [element, setElement] = React.useState<HTMLElement | null>(null);
  const [width, setWidth] = React.useState(0);
  React.useEffect(() => {
    if (!element) {
      return undefined;
    }
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return [setElement, width];
}

/** The time now, renewed often enough for words such as “12 min ago”. */
export function useSlowNow(): number {
  const [now, setNow] = React.useState(() => Date.now());
  React.useEffect(() => {
    const timer = setTimeout(() => setNow(Date.now()), 20_000);
    return () => clearTimeout(timer);
  }, [now]);
  return now;
}

/**
 * The items in an order that keeps still while `held`: known ones stay where they are, gone ones
 * vanish, new ones are appended. Without it, the pointer could hit the wrong row.
 */
export function useSteady<T>(items: readonly T[], keyOf: (item: T) => string, held: boolean): T[] {
  const order = React.useRef<string[]>([]);
  const byKey = new Map(items.map(item => [keyOf(item), item]));
  if (held) {
    const kept = order.current.filter(key => byKey.has(key));
    const known = new Set(kept);
    order.current = [...kept, ...[...byKey.keys()].filter(key => !known.has(key))];
  } else {
    order.current = [...byKey.keys()];
  }
  return order.current.map(key => byKey.get(key)!);
}
