import * as React from 'react';

/**
 * Keeps the keyboard in a graph when another layer takes its place: who entered one with a key goes on
 * from there.
 *
 * @param scope - Names the layer that is shown.
 * @returns What holds the graph.
 */
export function useKeptFocus<E extends HTMLElement>(scope: string): React.RefObject<E> {
  const frame = React.useRef<E>(null);
  const shown = React.useRef(scope);
  const wasInside = React.useRef(false);
  if (shown.current !== scope) {
    // The layer that is left still stands there.
    shown.current = scope;
    const graph = frame.current?.querySelector('.jp-TracksideGraph-frame');
    wasInside.current = graph?.contains(document.activeElement) ?? false;
  }
  React.useLayoutEffect(() => {
    if (wasInside.current) {
      wasInside.current = false;
      frame.current
        ?.querySelector<HTMLElement>('.jp-TracksideGraph-node[tabindex="0"]')
        ?.focus({ preventScroll: true });
    }
  }, [scope]);
  return frame;
}
