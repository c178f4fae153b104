import { isInfinite } from './format';

/** Path data of a curve in a `width` × `height` box; gaps where a value is not finite. */
export function sparkPath(
  values: readonly number[],
  width: number,
  height: number,
  margin = 1.5
): string {
  const isDrawn = (value: number): boolean => Number.isFinite(value) && !isInfinite(value);
  const finite = values.filter(isDrawn);
  if (finite.length < 2) {
    return '';
  }
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  // Halves: the whole from the least to the greatest number is none.
  const half = high / 2 - low / 2;
  const step = (width - 2 * margin) / (values.length - 1);
  let path = '';
  let pen = false;
  values.forEach((value, index) => {
    if (!isDrawn(value)) {
      pen = false;
      return;
    }
    const x = margin + index * step;
    const share = half > 0 ? (value / 2 - low / 2) / half : 0.5;
    const y = height - margin - share * (height - 2 * margin);
    path += `${pen ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = true;
  });
  return path;
}
