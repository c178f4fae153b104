import * as React from 'react';

import type { IPoint } from './types';
import { closePart, type IPart, type ISize, type IView, overlap } from './viewport';

/** Of so few nodes all are drawn in full wherever they are. */
const FEW = 100;

const NO_SIZE: ISize = { width: 0, height: 0 };

/** What of a drawing is close enough to be read, and has to be drawn in full. */
export interface INear {
  isNear(place: IPoint, size?: ISize): boolean;
  onView(view: IView, frame: ISize): void;
}

/** Follows what is in view of a drawing: text that is elsewhere, or too small to be read, is not made. */
export function useNear(nodes: number): INear {
  const isSmall = nodes <= FEW;
  const [part, setPart] = React.useState<IPart | null>(null);
  const last = React.useRef(part);
  const onView = React.useCallback(
    (view: IView, frame: ISize): void => {
      const next = isSmall ? null : closePart(view, frame, last.current);
      if (next !== last.current) {
        last.current = next;
        // To move goes before to make what comes into view.
        React.startTransition(() => setPart(next));
      }
    },
    [isSmall]
  );
  const isNear = React.useCallback(
    (place: IPoint, size = NO_SIZE): boolean =>
      isSmall || (part !== null && overlap({ ...place, ...size }, part)),
    [isSmall, part]
  );
  return { isNear, onView };
}
