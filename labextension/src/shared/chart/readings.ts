import type { ICurve } from './curve';
import type { IReading } from './plot';

/** The value of one curve under the crosshair. */
export interface IReadValue {
  curve: ICurve;
  /** `null` where something was logged that is no number. */
  value: number | null;
  smoothed: number | null | undefined;
}

/** The values under the crosshair, highest first; curves that are not there are left out. */
export function sortedReadings(curves: readonly ICurve[], reading: IReading): IReadValue[] {
  const found = curves.flatMap((curve, at): IReadValue[] => {
    const value = reading.values[at];
    return value === undefined ? [] : [{ curve, value, smoothed: reading.smoothed?.[at] }];
  });
  const rank = ({ value, smoothed }: IReadValue): number => smoothed ?? value ?? -Infinity;
  return found.sort((one, two) => rank(two) - rank(one));
}
