import * as React from 'react';

/** How far a key moves it, in pixels. */
const STEP = 24;

/** A line between two parts of a view; moving it gives the second one more or less room. */
export function Splitter(props: {
  label: string;
  /** `vertical` stands between what is left and right of it. */
  orientation: 'vertical' | 'horizontal';
  /** The size of the part behind it, in pixels. */
  size: number;
  least: number;
  most: number;
  onSize: (size: number) => void;
}): JSX.Element {
  const { label, orientation, size, least, most, onSize } = props;
  const drag = React.useRef<{ from: number; size: number } | null>(null);
  const set = (wanted: number): void =>
    onSize(Math.round(Math.max(least, Math.min(Math.max(least, most), wanted))));
  const place = (event: React.PointerEvent): number =>
    orientation === 'vertical' ? event.clientX : event.clientY;
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const [more, less] =
      orientation === 'vertical' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    const targets: Record<string, number> = {
      [more]: size + STEP,
      [less]: size - STEP,
      Home: least,
      End: most
    };
    if (event.key in targets) {
      event.preventDefault();
      event.stopPropagation();
      set(targets[event.key]);
    }
  };
  return (
    <div
      role="separator"
      className={`jp-TracksideSplitter jp-mod-${orientation}`}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={size}
      aria-valuemin={least}
      aria-valuemax={Math.max(least, most)}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={event => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        event.currentTarget.focus();
        drag.current = { from: place(event), size };
      }}
      onPointerMove={event => {
        if (drag.current) {
          set(drag.current.size + drag.current.from - place(event));
        }
      }}
      onPointerUp={() => {
        drag.current = null;
      }}
      onPointerCancel={() => {
        drag.current = null;
      }}
    />
  );
}
