/**
 * The part of JupyterLab's translation bundle that the shared views need.
 * They also run outside JupyterLab (in the anywidget), so they take it as an
 * argument instead of importing it.
 */
export interface ITrans {
  __(message: string, ...args: unknown[]): string;
  _n(singular: string, plural: string, count: number, ...args: unknown[]): string;
}

/** A message with its arguments in their places. */
export function fill(message: string, args: unknown[]): string {
  return message.replace(/%(?:(\d+)|%)/g, (whole, position: string | undefined) => {
    if (position === undefined) {
      return '%';
    }
    const value = args[Number(position) - 1];
    return value === undefined ? whole : String(value);
  });
}

/** The words as they stand in the source, for places without a translator. */
export const english: ITrans = {
  __: (message, ...args) => fill(message, args),
  _n: (singular, plural, count, ...args) => fill(count === 1 ? singular : plural, [count, ...args])
};
