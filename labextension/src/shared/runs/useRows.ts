import * as React from 'react';

/** The height of a row, in pixels. */
export const ROW = 28;

/** Rows that are drawn above and below those in view. */
const SPARE = 6;

/** The rows of a scrolling list that are drawn: those in view and a few more. */
export function useRows(
  count: number,
  most: number
): {
  scroller: React.RefObject<HTMLDivElement>;
  height: number;
  from: number;
  to: number;
  onScroll: () => void;
  reveal: (index: number) => void;
} {
  const scroller = React.useRef<HTMLDivElement>(null);
  const [top, setTop] = React.useState(0);
  const height = Math.min(count, most) * ROW;
  const first = Math.floor(top / ROW);
  const onScroll = (): void => setTop(scroller.current?.scrollTop ?? 0);
  const reveal = (index: number): void => {
    const node = scroller.current;
    if (node) {
      const at = index * ROW;
      const lowest = at + ROW - height;
      node.scrollTop = Math.min(at, Math.max(lowest, node.scrollTop));
      onScroll();
    }
  };
  return {
    scroller,
    height,
    from: Math.max(0, Math.min(first, count - most) - SPARE),
    to: Math.min(count, first + most + SPARE + 1),
    onScroll,
    reveal
  };
}
