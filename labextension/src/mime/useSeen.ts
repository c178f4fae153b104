import * as React from 'react';

/** A ref for an element, and whether it has ever been in view. */
export function useSeen<T extends Element>(): [React.RefCallback<T>, boolean] {
  const [element, setElement] = React.useState<T | null>(null);
  const [isSeen, setSeen] = React.useState(false);
  React.useEffect(() => {
    if (!element || isSeen) {
      return;
    }
    const observer = new IntersectionObserver(entries => {
      if (entries.some(entry => entry.isIntersecting)) {
        setSeen(true);
      }
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [element, isSeen]);
  return [setElement, isSeen];
}
