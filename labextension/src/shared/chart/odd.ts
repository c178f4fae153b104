import type uPlot from 'uplot';

import { isInfinite } from '../format';
import { type ICurve, type XAxis, xOf } from './curve';
import type { IPalette } from './theme';

/** The size of a mark, and the least distance between two, in pixels of the page. */
const SIZE = 3;
const APART = 7;

/**
 * Mark where a curve has values that are no numbers: a cross at the foot of the chart for a NaN, an
 * arrow at its head or foot for an infinity. A line that just broke off would hide them.
 */
export function paintOdd(
  plot: uPlot,
  curves: readonly ICurve[],
  look: { axis: XAxis },
  palette: IPalette
): void {
  const { ctx, bbox } = plot;
  const ratio = bbox.width / Math.max(1, plot.over.clientWidth);
  const size = SIZE * ratio;
  ctx.save();
  ctx.lineWidth = 1.5 * ratio;
  ctx.setLineDash([]);
  for (const curve of curves) {
    ctx.strokeStyle = palette.series(curve.colour);
    ctx.beginPath();
    let before = -Infinity;
    for (const point of curve.points) {
      const isNan = Number.isNaN(point.value);
      if (!isNan && !isInfinite(point.value)) {
        continue;
      }
      const x = plot.valToPos(xOf(point, look.axis, curve.start), 'x', true);
      if (x < bbox.left || x > bbox.left + bbox.width || x - before < APART * ratio) {
        continue;
      }
      before = x;
      const isHigh = !isNan && point.value > 0;
      const y = isHigh ? bbox.top + size * 1.5 : bbox.top + bbox.height - size * 1.5;
      const turn = isHigh ? -1 : 1;
      if (isNan) {
        ctx.moveTo(x - size, y - size);
        ctx.lineTo(x + size, y + size);
        ctx.moveTo(x - size, y + size);
        ctx.lineTo(x + size, y - size);
      } else {
        ctx.moveTo(x - size, y - turn * size);
        ctx.lineTo(x, y + turn * size);
        ctx.lineTo(x + size, y - turn * size);
      }
    }
    ctx.stroke();
  }
  ctx.restore();
}
