/** Path data of a curve in a `width` × `height` box; gaps where a value is not finite. */
export function sparkPath(
  values: readonly number[],
  width: number,
  height: number,
  margin = 1.5
): string {
  const finite = values.filter(value => Number.isFinite(value));
  if (finite.length < 2) {
    return '';
  }
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  const span = high - low;
  const step = (width - 2 * margin) / (values.length - 1);
  const scale = span > 0 ? (height - 2 * margin) / span : 0;
  let path = '';
  let pen = false;
  values.forEach((value, index) => {
    if (!Number.isFinite(value)) {
      pen = false;
      return;
    }
    const x = margin + index * step;
    const y = span > 0 ? height - margin - (value - low) * scale : height / 2;
    path += `${pen ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = true;
  });
  return path;
}
