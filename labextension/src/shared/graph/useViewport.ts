import * as React from 'react';

import type { IPoint } from './types';
import {
  fitted,
  type IPart,
  type ISize,
  isFar,
  type IView,
  opened,
  revealed,
  zoomed
} from './viewport';

/** How much a step of the buttons and keys zooms. */
const STEP = 1.25;

/** How far the pointer moves before a press is a drag, in pixels. */
const SLACK = 4;

/** How long after the last movement the drawing is drawn anew at its size. */
const REST = 160;

/** What moves a drawing. */
export interface IViewport {
  frame: React.RefObject<HTMLDivElement>;
  canvas: React.RefObject<HTMLDivElement>;
  zoomIn(): void;
  zoomOut(): void;
  fit(): void;
  reveal(part: IPoint & ISize): void;
  /** Whether the pointer has just dragged, so that its release is no click. */
  hasDragged(): boolean;
}

/**
 * Moves a drawing in its frame by wheel, pinch and drag.
 *
 * The transform and how far away it is are written past React: a move draws nothing anew. Until somebody has
 * moved it, the drawing is opened anew whenever it or its frame changes.
 */
export function useViewport(
  drawing: ISize,
  wheelNeedsKey: boolean,
  /** What has to be in view at first, where the drawing may open as a part of it. */
  begin: IPart | null,
  /** Told of each view. */
  onView: (view: IView, frame: ISize) => void
): IViewport {
  const frame = React.useRef<HTMLDivElement>(null);
  const canvas = React.useRef<HTMLDivElement>(null);
  const state = React.useRef({
    view: { x: 0, y: 0, scale: 1 } as IView,
    isOwn: false,
    isWhole: false,
    dragged: false,
    rest: undefined as number | undefined
  });
  const size = React.useRef(drawing);
  size.current = drawing;
  const first = React.useRef(begin);
  first.current = begin;
  const told = React.useRef(onView);
  told.current = onView;

  const actions = React.useMemo(() => {
    const show = (view: IView, room: ISize): void => {
      state.current.view = view;
      const node = canvas.current;
      if (node) {
        node.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
        node.classList.toggle('jp-mod-far', isFar(view));
      }
      told.current(view, room);
    };
    const frameSize = (): ISize => ({
      width: frame.current?.clientWidth ?? 0,
      height: frame.current?.clientHeight ?? 0
    });
    const own = (view: IView): void => {
      state.current.isOwn = true;
      // What is moved is kept as drawn; kept while it is zoomed, it would be drawn whole at the largest size.
      canvas.current?.classList.toggle('jp-mod-moving', view.scale === state.current.view.scale);
      clearTimeout(state.current.rest);
      state.current.rest = window.setTimeout(
        () => canvas.current?.classList.remove('jp-mod-moving'),
        REST
      );
      show(view, frameSize());
    };
    const zoom = (factor: number): void => {
      const { width, height } = frameSize();
      own(zoomed(state.current.view, factor, { x: width / 2, y: height / 2 }));
    };
    return {
      own,
      zoomIn: () => zoom(STEP),
      zoomOut: () => zoom(1 / STEP),
      fit: () => {
        state.current.isOwn = false;
        state.current.isWhole = true;
        const room = frameSize();
        show(fitted(size.current, room), room);
      },
      refit: () => {
        const room = frameSize();
        const { isOwn, isWhole, view } = state.current;
        const part = isWhole ? null : first.current;
        show(isOwn ? view : opened(size.current, room, part), room);
      },
      reveal: (part: IPoint & ISize) => {
        const { view } = state.current;
        const next = revealed(view, part, frameSize());
        if (next.x !== view.x || next.y !== view.y || next.scale !== view.scale) {
          own(next);
        }
      },
      hasDragged: () => state.current.dragged
    };
  }, []);

  React.useLayoutEffect(() => {
    actions.refit();
  }, [actions, drawing.width, drawing.height]);
  React.useEffect(() => {
    const node = frame.current!;
    const observer = new ResizeObserver(() => actions.refit());
    observer.observe(node);
    const undo = listen(node, state.current, actions.own, wheelNeedsKey);
    const { current } = state;
    return () => {
      clearTimeout(current.rest);
      observer.disconnect();
      undo();
    };
  }, [actions, wheelNeedsKey]);
  return { frame, canvas, ...actions };
}

function listen(
  node: HTMLElement,
  state: { view: IView; dragged: boolean },
  move: (view: IView) => void,
  wheelNeedsKey: boolean
): () => void {
  const pointers = new Map<number, IPoint>();
  let travelled = 0;
  const inFrame = (x: number, y: number): IPoint => {
    const { left, top } = node.getBoundingClientRect();
    return { x: x - left, y: y - top };
  };
  const onWheel = (event: WheelEvent): void => {
    const isZoom = event.ctrlKey || event.metaKey;
    if (wheelNeedsKey && !isZoom) {
      // In a notebook the wheel scrolls the notebook.
      return;
    }
    event.preventDefault();
    if (event.shiftKey) {
      move({ ...state.view, x: state.view.x - (event.deltaX || event.deltaY) });
      return;
    }
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
    const factor = Math.exp(
      -Math.max(-200, Math.min(200, pixels)) * (event.ctrlKey ? 0.01 : 0.002)
    );
    move(zoomed(state.view, factor, inFrame(event.clientX, event.clientY)));
  };
  const onDown = (event: PointerEvent): void => {
    if (event.button !== 0 || (event.target as Element).closest('button, a, select')) {
      return;
    }
    if (pointers.size === 0) {
      travelled = 0;
      state.dragged = false;
    }
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  };
  const onMove = (event: PointerEvent): void => {
    const before = pointers.get(event.pointerId);
    if (!before) {
      return;
    }
    const now = { x: event.clientX, y: event.clientY };
    travelled += Math.hypot(now.x - before.x, now.y - before.y);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (!state.dragged && travelled < SLACK && !other) {
      return;
    }
    if (!state.dragged) {
      state.dragged = true;
      node.setPointerCapture(event.pointerId);
    }
    pointers.set(event.pointerId, now);
    const { view } = state;
    if (other) {
      const span = (one: IPoint): number => Math.hypot(one.x - other.x, one.y - other.y);
      const factor = span(now) / Math.max(1, span(before));
      move(zoomed(view, factor, inFrame((now.x + other.x) / 2, (now.y + other.y) / 2)));
    } else {
      move({ ...view, x: view.x + now.x - before.x, y: view.y + now.y - before.y });
    }
  };
  const onUp = (event: PointerEvent): void => {
    pointers.delete(event.pointerId);
  };
  node.addEventListener('wheel', onWheel, { passive: false });
  node.addEventListener('pointerdown', onDown);
  node.addEventListener('pointermove', onMove);
  node.addEventListener('pointerup', onUp);
  node.addEventListener('pointercancel', onUp);
  return () => {
    node.removeEventListener('wheel', onWheel);
    node.removeEventListener('pointerdown', onDown);
    node.removeEventListener('pointermove', onMove);
    node.removeEventListener('pointerup', onUp);
    node.removeEventListener('pointercancel', onUp);
  };
}
