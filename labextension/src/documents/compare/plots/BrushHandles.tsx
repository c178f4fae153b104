import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Brush, IAxis } from './axes';
import { textAt } from './rows';

/** How far an arrow key moves a handle; with Shift or the page keys, five times as far. */
const STEP = 0.02;
const WIDTH = 18;

/** Chooses a part of an axis: by dragging along it, or with two sliders. */
export function BrushHandles(props: {
  axis: IAxis;
  top: number;
  height: number;
  brush: Brush | null;
  onBrush: (brush: Brush | null) => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { axis, top, height, brush, onBrush, trans } = props;
  const drag = React.useRef<number | null>(null);
  const area = React.useRef<SVGRectElement>(null);
  const [low, high] = brush ?? [0, 1];
  const placeAt = (clientY: number): number => {
    const box = area.current!.getBoundingClientRect();
    return clamp(1 - (clientY - box.top) / box.height);
  };
  const set = (from: number, to: number): void => {
    const next: Brush = [Math.min(from, to), Math.max(from, to)];
    onBrush(next[0] <= 0.001 && next[1] >= 0.999 ? null : next);
  };
  const onKeyDown = (event: React.KeyboardEvent, isHigh: boolean): void => {
    const far = event.shiftKey ? 5 * STEP : STEP;
    const moves: Record<string, number> = {
      ArrowUp: far,
      ArrowRight: far,
      ArrowDown: -far,
      ArrowLeft: -far,
      PageUp: 5 * STEP,
      PageDown: -5 * STEP,
      Home: -1,
      End: 1
    };
    if (event.key === 'Escape' && brush) {
      event.stopPropagation();
      onBrush(null);
    } else if (event.key in moves) {
      event.preventDefault();
      event.stopPropagation();
      const by = moves[event.key];
      if (isHigh) {
        set(low, Math.max(low, clamp(high + by)));
      } else {
        set(Math.min(high, clamp(low + by)), high);
      }
    }
  };
  const handle = (isHigh: boolean): JSX.Element => {
    const place = isHigh ? high : low;
    return (
      <rect
        className="jp-TracksideParallel-handle"
        role="slider"
        tabIndex={0}
        aria-orientation="vertical"
        aria-label={isHigh ? trans.__('Most %1', axis.label) : trans.__('Least %1', axis.label)}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(place * 100)}
        aria-valuetext={textAt(axis, place)}
        x={-WIDTH / 2}
        y={top + (1 - place) * height - (isHigh ? 4 : 0)}
        width={WIDTH}
        height={4}
        rx={2}
        onKeyDown={event => onKeyDown(event, isHigh)}
      />
    );
  };
  return (
    <>
      <rect
        ref={area}
        className="jp-TracksideParallel-area"
        x={-WIDTH / 2}
        y={top}
        width={WIDTH}
        height={height}
        onPointerDown={event => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = placeAt(event.clientY);
        }}
        onPointerMove={event => {
          if (drag.current !== null) {
            const now = placeAt(event.clientY);
            if (Math.abs(now - drag.current) > 0.01) {
              set(drag.current, now);
            }
          }
        }}
        onPointerUp={event => {
          // A click without a drag takes the choice back.
          if (drag.current !== null && Math.abs(placeAt(event.clientY) - drag.current) <= 0.01) {
            onBrush(null);
          }
          drag.current = null;
        }}
        onPointerCancel={() => (drag.current = null)}
      />
      {brush && (
        <rect
          className="jp-TracksideParallel-brush"
          x={-WIDTH / 2 + 3}
          y={top + (1 - high) * height}
          width={WIDTH - 6}
          height={Math.max(2, (high - low) * height)}
        />
      )}
      {handle(true)}
      {handle(false)}
    </>
  );
}

function clamp(place: number): number {
  return Math.min(1, Math.max(0, place));
}
