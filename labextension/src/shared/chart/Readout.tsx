import * as React from 'react';

import { number } from '../format';
import { useTrans } from '../trans-context';
import type { ICurve, XAxis } from './curve';
import type { IReading } from './plot';
import { seriesVariable } from './series';
import { xLabel } from './ticks';

/** The values under the crosshair; without one, the last values. */
export function Readout(props: {
  curves: readonly ICurve[];
  reading: IReading | null;
  axis: XAxis;
}): JSX.Element {
  const { curves, reading, axis } = props;
  const trans = useTrans();
  const place = reading
    ? axis === 'step'
      ? trans.__('step %1', xLabel(reading.x, axis))
      : xLabel(reading.x, axis)
    : null;
  return (
    <span className="jp-TracksideChart-readout" aria-live={reading ? 'polite' : 'off'}>
      {place && <span className="jp-TracksideChart-place">{place}</span>}
      {curves.map((curve, index) => (
        <span key={curve.id} className="jp-TracksideChart-value">
          <i style={{ background: seriesVariable(curve.colour) }} />
          {curves.length > 1 && `${curve.label} `}
          {number(valueOf(curve, reading, index))}
          {reading?.smoothed && (
            <span className="jp-TracksideChart-smoothed">
              {trans.__('smoothed %1', number(reading.smoothed[index]))}
            </span>
          )}
        </span>
      ))}
    </span>
  );
}

function valueOf(curve: ICurve, reading: IReading | null, index: number): number | null {
  return reading
    ? (reading.values[index] ?? NaN)
    : (curve.points[curve.points.length - 1]?.value ?? null);
}
