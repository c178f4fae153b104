import * as React from 'react';

/** How long a pointer that does not move counts as about to hit something. */
const REST = 10_000;

/**
 * A value that keeps its shape while the pointer moves over what shows it, so that nothing moves
 * under the pointer; what changes within the same shape comes through at once.
 */
export function useStill<T>(
  value: T,
  shapeOf: (value: T) => string
): [T, { onPointerMove: () => void; onPointerLeave: () => void }] {
  const shown = React.useRef(value);
  const [isHeld, setHeld] = React.useState(false);
  const timer = React.useRef<ReturnType<typeof setTimeout>>();
  React.useEffect(() => () => clearTimeout(timer.current), []);
  if (!isHeld || shown.current === null || shapeOf(shown.current) === shapeOf(value)) {
    shown.current = value;
  }
  const release = (): void => {
    clearTimeout(timer.current);
    setHeld(false);
  };
  const hold = (): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(release, REST);
    setHeld(true);
  };
  return [shown.current, { onPointerMove: hold, onPointerLeave: release }];
}
