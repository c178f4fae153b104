import * as React from 'react';

import { number } from '../format';
import { useTrans } from '../trans-context';
import type { ICurve, XAxis } from './curve';
import type { IReading } from './plot';
import { sortedReadings } from './readings';
import { Swatch } from './Swatch';
import { xLabel } from './ticks';

/** Up to so many curves are read in the title; more need a table. */
export const IN_TITLE = 2;

/** From so many curves on, a table has two columns and only the values that are drawn bold. */
const MANY = 10;

/** Where the crosshair stands, in words. */
function usePlace(reading: IReading | null, axis: XAxis): string | null {
  const trans = useTrans();
  return (
    reading &&
    (axis === 'step' ? trans.__('step %1', xLabel(reading.x, axis)) : xLabel(reading.x, axis))
  );
}

/** The values under the crosshair; without one, the last values. */
export function Readout(props: {
  curves: readonly ICurve[];
  reading: IReading | null;
  axis: XAxis;
  format?: (value: number) => string;
}): JSX.Element {
  const { curves, reading, axis, format = number } = props;
  const trans = useTrans();
  const place = usePlace(reading, axis);
  const shown = curves.length <= IN_TITLE ? curves : [];
  return (
    <span className="jp-TracksideChart-readout" aria-live={reading ? 'polite' : 'off'}>
      {place && <span className="jp-TracksideChart-place">{place}</span>}
      {shown.map((curve, index) => (
        <span key={curve.id} className="jp-TracksideChart-value">
          <Swatch look={{ colour: curve.colour, dash: curve.dash ?? 0 }} />
          {curves.length > 1 && <span className="jp-TracksideChart-run">{curve.label}</span>}
          {textOf(valueOf(curve, reading, index), format)}
          {reading?.smoothed && (
            <span className="jp-TracksideChart-smoothed">
              {trans.__('smoothed %1', textOf(reading.smoothed[index], format))}
            </span>
          )}
        </span>
      ))}
    </span>
  );
}

/** The values of many curves under the crosshair, beside it, highest first. */
export function ReadTable(props: {
  curves: readonly ICurve[];
  reading: IReading;
  axis: XAxis;
  format?: (value: number) => string;
}): JSX.Element {
  const { curves, reading, axis, format = number } = props;
  const place = usePlace(reading, axis);
  const isLeft = reading.share > 0.5;
  return (
    <div
      className={`jp-TracksideReadTable ${isLeft ? 'jp-mod-left' : 'jp-mod-right'}`}
      role="status"
    >
      <div className="jp-TracksideChart-place">{place}</div>
      <ul className={curves.length > MANY ? 'jp-mod-wide' : ''}>
        {sortedReadings(curves, reading).map(({ curve, value, smoothed }) => (
          <li key={curve.id}>
            <Swatch look={{ colour: curve.colour, dash: curve.dash ?? 0 }} />
            <span className="jp-TracksideChart-run">{curve.label}</span>
            <b>{textOf(smoothed ?? value, format)}</b>
            {reading.smoothed && curves.length <= MANY && (
              <span className="jp-TracksideChart-smoothed">{textOf(value, format)}</span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Under the crosshair, or without one the last value. */
function valueOf(
  curve: ICurve,
  reading: IReading | null,
  index: number
): number | null | undefined {
  return reading ? reading.values[index] : curve.points[curve.points.length - 1]?.value;
}

/** What was logged but is no number is said; where nothing is, nothing is claimed. */
function textOf(value: number | null | undefined, format: (value: number) => string): string {
  return value === undefined ? '–' : Number.isFinite(value) ? format(value!) : number(value ?? NaN);
}
