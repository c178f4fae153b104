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

/** From which size on text can be read. */
const LEGIBLE = 0.42;

/** How much more than is in view is drawn in full on each side, of what is in view. */
const AHEAD = 0.25;

/** A part of a drawing. */
export type IPart = IPoint & ISize;

/** Whether text is too small to be read. */
export function isFar(view: IView): boolean {
  return view.scale < LEGIBLE;
}

/**
 * The part of the drawing that has to be drawn in full, or nothing where no text can be read. What
 * was drawn before stays for as long as it covers what is in view.
 */
export function closePart(view: IView, frame: ISize, before: IPart | null): IPart | null {
  if (isFar(view)) {
    return null;
  }
  const [width, height] = [frame.width / view.scale, frame.height / view.scale];
  const [x, y] = [-view.x / view.scale, -view.y / view.scale];
  const isCovered =
    before !== null &&
    x >= before.x &&
    y >= before.y &&
    x + width <= before.x + before.width &&
    y + height <= before.y + before.height;
  return isCovered
    ? before
    : {
        x: x - width * AHEAD,
        y: y - height * AHEAD,
        width: width * (1 + 2 * AHEAD),
        height: height * (1 + 2 * AHEAD)
      };
}

/** Whether two parts have something in common. */
export function overlap(one: IPart, other: IPart): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

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

/**
 * How a drawing of few nodes opens: as a whole where that can be read, else from where one begins to
 * read. Of many nodes the whole says more, from however far.
 */
export function opened(drawing: ISize, frame: ISize, begin: IPart | null): IView {
  const whole = fitted(drawing, frame);
  if (!begin || whole.scale >= READABLE) {
    return whole;
  }
  const scale = READABLE;
  const { x, y, width, height } = begin;
  return {
    scale,
    x: held(drawing.width * scale, frame.width, (x + width / 2) * scale),
    y: held(drawing.height * scale, frame.height, (y + height / 2) * scale)
  };
}

/** Where a length starts that has a point of it in the middle of the room, as far as no room is left over. */
function held(length: number, room: number, point: number): number {
  const over = length + 2 * MARGIN - room;
  return over <= 0
    ? (room - length) / 2
    : Math.min(MARGIN, Math.max(MARGIN - over, room / 2 - point));
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
