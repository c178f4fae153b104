import * as React from 'react';

import { DASHES, type ISeriesLook, seriesVariable } from './series';

/** A piece of a curve, as it is drawn: the key of a legend. */
export function Swatch(props: { look: ISeriesLook }): JSX.Element {
  const { colour, dash } = props.look;
  return (
    <svg className="jp-TracksideSwatch" viewBox="0 0 20 4" width="20" height="4" aria-hidden>
      <line
        x1="0"
        y1="2"
        x2="20"
        y2="2"
        style={{ stroke: seriesVariable(colour) }}
        strokeDasharray={DASHES[dash].join(' ')}
      />
    </svg>
  );
}
