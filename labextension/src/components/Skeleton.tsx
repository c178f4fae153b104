import * as React from 'react';

import { useAfter } from './hooks';

/** The shape of rows to come; shown only when they take a while. */
export function Skeleton(props: { rows: number }): React.ReactElement | null {
  const isDue = useAfter(true);
  if (!isDue) {
    return null;
  }
  return (
    <div className="jp-TracksideSkeleton" aria-hidden>
      {Array.from({ length: props.rows }, (_, index) => (
        <div key={index} />
      ))}
    </div>
  );
}
