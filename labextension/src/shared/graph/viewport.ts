import type { IPoint } from './types';

/** Where a drawing stands in its frame: what is at a point of it is at `x + scale * point`. */
export interface IView {
  x: number;
  y: number;
  scale: number;
}

/** The size of something. */
export interface ISize {
  width: number;
  height: number;
}

/** How small and how large a drawing can be made. */
const LEAST = 0.04;
const MOST = 2.5;

/** The room around a drawing that is shown as a whole. */
const MARGIN = 24;

/** How large a node at least becomes that the keyboard comes to. */
const READABLE = 0.6;

/** Make a drawing larger or smaller; what is under the point stays there. */
export function zoomed(view: IView, factor: number, at: IPoint): IView {
  const scale = Math.min(MOST, Math.max(LEAST, view.scale * factor));
  const ratio = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
}

/** The whole drawing in the middle, no larger than it is. */
export function fitted(drawing: ISize, frame: ISize): IView {
  const room = (side: 'width' | 'height'): number =>
    Math.max(1, frame[side] - 2 * MARGIN) / Math.max(1, drawing[side]);
  const scale = Math.min(1, MOST, Math.max(LEAST, Math.min(room('width'), room('height'))));
  return {
    scale,
    x: (frame.width - drawing.width * scale) / 2,
    y: (frame.height - drawing.height * scale) / 2
  };
}

/** The view moved as little as needed to show a part of the drawing, large enough to be read. */
export function revealed(view: IView, part: IPoint & ISize, frame: ISize): IView {
  const middle = { x: part.x + part.width / 2, y: part.y + part.height / 2 };
  const near =
    view.scale >= READABLE
      ? view
      : zoomed(view, READABLE / view.scale, {
          x: view.x + middle.x * view.scale,
          y: view.y + middle.y * view.scale
        });
  const shift = (start: number, length: number, room: number): number => {
    const before = MARGIN - start;
    const after = start + length - (room - MARGIN);
    return before > 0 ? before : after > 0 ? -Math.min(after, start - MARGIN) : 0;
  };
  return {
    scale: near.scale,
    x: near.x + shift(near.x + part.x * near.scale, part.width * near.scale, frame.width),
    y: near.y + shift(near.y + part.y * near.scale, part.height * near.scale, frame.height)
  };
}
