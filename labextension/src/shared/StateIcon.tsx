import * as React from 'react';

import { SHAPE_PATHS, stateLook } from './states';
import { english, type ITrans } from './trans';

/** The sign of a state. With `labelled` it is also named for screen readers. */
export function StateIcon(props: {
  state: string;
  labelled?: boolean;
  trans?: ITrans;
}): JSX.Element {
  const look = stateLook(props.state, props.trans ?? english);
  const paths = SHAPE_PATHS[look.shape];
  const naming = props.labelled
    ? { role: 'img', 'aria-label': look.label }
    : { 'aria-hidden': true };
  return (
    <svg
      className={`jp-TracksideState jp-mod-${look.tone}`}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      {...naming}
    >
      {paths.line && (
        <path
          className="jp-TracksideState-line"
          d={paths.line}
          strokeDasharray={paths.dashed ? '2.4 2.31' : undefined}
        />
      )}
      {paths.fill && <path className="jp-TracksideState-fill" d={paths.fill} />}
    </svg>
  );
}
