import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

/** A button that is only an icon; its label is read out and shown on hover. */
export function IconButton(props: {
  icon: LabIcon;
  label: string;
  onClick: () => void;
  /** Reached with the arrow keys of its row rather than with Tab. */
  inRow?: boolean;
  pressed?: boolean;
  expanded?: boolean;
}): React.ReactElement {
  const { icon: Icon, label, onClick, inRow, pressed, expanded } = props;
  return (
    <button
      type="button"
      className="jp-TracksideIconButton"
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      tabIndex={inRow ? -1 : undefined}
      onClick={event => {
        event.stopPropagation();
        onClick();
      }}
      onDoubleClick={event => event.stopPropagation()}
    >
      <Icon.react tag={null} width="14px" height="14px" />
    </button>
  );
}
