import type { ICurve } from '../shared/chart/curve';
import { DASHES } from '../shared/chart/series';
import type { IPalette } from '../shared/chart/theme';

/** Sizes in pixels of the page. */
const MARGIN = 12;
const TITLE = 28;
const ROW = 18;
const SWATCH = 20;
const GAP = 16;
const AXIS = 16;

/** A chart as a picture that explains itself: title, curves with their axes, what lies across, legend, the theme's paper. */
export function chartPicture(
  plot: HTMLCanvasElement,
  title: string,
  xTitle: string,
  curves: readonly ICurve[],
  palette: IPalette
): Promise<Blob | null> {
  const ratio = window.devicePixelRatio || 1;
  const width = plot.width / ratio + 2 * MARGIN;
  const plotHeight = plot.height / ratio;
  const canvas = document.createElement('canvas');
  const ctx = canvas.getContext('2d')!;
  ctx.font = palette.font;
  const rows = legendRows(
    curves.map(curve => SWATCH + 6 + ctx.measureText(curve.label).width + GAP),
    width - 2 * MARGIN
  );
  const height = TITLE + plotHeight + AXIS + rows.length * ROW + 2 * MARGIN;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  ctx.scale(ratio, ratio);
  ctx.fillStyle = palette.paper;
  ctx.fillRect(0, 0, width, height);
  ctx.textBaseline = 'middle';
  ctx.fillStyle = palette.ink;
  ctx.font = palette.font.replace(/^\d+px/, '600 14px');
  ctx.fillText(title, MARGIN, MARGIN + TITLE / 2, width - 2 * MARGIN);
  ctx.drawImage(plot, MARGIN, MARGIN + TITLE, plot.width / ratio, plotHeight);
  ctx.font = palette.font;
  ctx.fillStyle = palette.dim;
  ctx.textAlign = 'right';
  ctx.fillText(xTitle, width - MARGIN, MARGIN + TITLE + plotHeight + AXIS / 2);
  ctx.textAlign = 'left';
  rows.forEach((row, line) => {
    const y = MARGIN + TITLE + plotHeight + AXIS + line * ROW + ROW / 2;
    for (const { at, left } of row) {
      drawKey(ctx, curves[at], MARGIN + left, y, palette);
    }
  });
  return new Promise(resolve => canvas.toBlob(resolve, 'image/png'));
}

/** Where the keys of a legend stand: as many in a row as fit. */
export function legendRows(
  widths: readonly number[],
  room: number
): { at: number; left: number }[][] {
  const rows: { at: number; left: number }[][] = [];
  let left = 0;
  widths.forEach((width, at) => {
    if (rows.length === 0 || left + width > room) {
      rows.push([]);
      left = 0;
    }
    rows[rows.length - 1].push({ at, left });
    left += width;
  });
  return rows;
}

function drawKey(
  ctx: CanvasRenderingContext2D,
  curve: ICurve,
  x: number,
  y: number,
  palette: IPalette
): void {
  ctx.strokeStyle = palette.series(curve.colour);
  ctx.lineWidth = 2;
  ctx.setLineDash([...DASHES[curve.dash ?? 0]]);
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x + SWATCH, y);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = palette.ink;
  ctx.fillText(curve.label, x + SWATCH + 6, y);
}
