import * as React from 'react';

import { Fallback } from './Fallback';
import { useSeen } from './useSeen';

/**
 * The view of a document as an output. Its code and its data are fetched when it is first in view;
 * until then, and while they come, it is what the notebook kept.
 */
export function DocumentOutput(props: {
  fallback: string;
  renderView: () => React.ReactNode;
}): JSX.Element {
  const [host, isSeen] = useSeen<HTMLDivElement>();
  const kept = <Fallback html={props.fallback} sentence="" />;
  return (
    <div ref={host} className="jp-TracksideOutput-document">
      {isSeen ? <React.Suspense fallback={kept}>{props.renderView()}</React.Suspense> : kept}
    </div>
  );
}
