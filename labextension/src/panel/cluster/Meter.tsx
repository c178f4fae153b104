import * as React from 'react';

/** A small bar: how much of something is in use. */
export function Meter(props: {
  label: string;
  used: number;
  total: number;
  /** The same in words. */
  text: string;
}): React.ReactElement {
  const { label, used, total, text } = props;
  const share = total > 0 ? Math.min(1, Math.max(0, used / total)) : 0;
  return (
    <span
      className="jp-TracksideMeter"
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={Math.min(used, total)}
      aria-valuetext={text}
    >
      <span style={{ transform: `scaleX(${share})` }} />
    </span>
  );
}
