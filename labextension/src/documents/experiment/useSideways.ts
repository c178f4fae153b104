import * as React from 'react';

/** How long the table stands still sideways until its pinned cells do without layers. */
const STILL = 150;

/**
 * What to call when the table scrolls. A sticky cell is a layer, and hundreds of them make it slow
 * to scroll down: the pinned cells are sticky only while the table moves sideways, and otherwise
 * stand where it was left.
 */
export function useSideways(scroller: React.RefObject<HTMLElement>): () => void {
  const left = React.useRef(0);
  const timer = React.useRef<ReturnType<typeof setTimeout>>();
  React.useEffect(() => () => clearTimeout(timer.current), []);
  return React.useCallback(() => {
    const node = scroller.current;
    if (!node || node.scrollLeft === left.current) {
      return;
    }
    left.current = node.scrollLeft;
    node.classList.add('jp-mod-sideways');
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      node.style.setProperty('--jp-trackside-sideways', `${left.current}px`);
      node.classList.remove('jp-mod-sideways');
    }, STILL);
  }, [scroller]);
}
