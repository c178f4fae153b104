/** What a canvas needs to know of the theme. */
export interface IPalette {
  ink: string;
  dim: string;
  line: string;
  paper: string;
  font: string;
  series(index: number): string;
}

/** Read the theme's colours where an element stands; a canvas cannot use variables. */
export function readPalette(element: Element): IPalette {
  const style = getComputedStyle(element);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: read('--jp-trackside-ink') || '#222',
    dim: read('--jp-trackside-dim') || '#666',
    line: read('--jp-trackside-line') || '#ddd',
    paper: read('--jp-trackside-paper') || '#fff',
    font: `11px ${style.fontFamily || 'sans-serif'}`,
    series: index => read(`--jp-trackside-series-${index}`) || '#0b57b1'
  };
}

/** Call back whenever the theme of the page has changed; returns how to stop. */
export function onThemeChange(callback: () => void): () => void {
  const observer = new MutationObserver(() => requestAnimationFrame(callback));
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ['data-jp-theme-name', 'data-jp-theme-light', 'class']
  });
  return () => observer.disconnect();
}
