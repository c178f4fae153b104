import * as React from 'react';

import { sparkPath } from './spark-path';

/** A curve of a word's size. It decorates a number that stands beside it, so it is hidden from screen readers. */
export function Sparkline(props: {
  values: readonly number[];
  width?: number;
  height?: number;
}): JSX.Element | null {
  const { values, width = 56, height = 16 } = props;
  const path = sparkPath(values, width, height);
  if (!path) {
    return null;
  }
  return (
    <svg
      className="jp-TracksideSpark"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      aria-hidden
    >
      <path d={path} />
    </svg>
  );
}
