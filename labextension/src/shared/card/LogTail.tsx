import * as React from 'react';

import type { ILine } from '../log/screenline';
import { LogText } from '../log/LogText';
import { useTrans } from '../trans-context';

/** The last lines of a log, following its end unless the reader scrolled up. */
export function LogTail(props: { lines: readonly ILine[]; empty: string }): JSX.Element {
  const { lines, empty } = props;
  const trans = useTrans();
  const box = React.useRef<HTMLPreElement>(null);
  const follow = React.useRef(true);
  React.useLayoutEffect(() => {
    const node = box.current;
    if (node && follow.current) {
      node.scrollTop = node.scrollHeight;
    }
  });
  return (
    <pre
      ref={box}
      className="jp-TracksideLog-text jp-TracksideCard-log"
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label={trans.__('Last lines of the log')}
      onScroll={event => {
        const node = event.currentTarget;
        follow.current = node.scrollHeight - node.scrollTop - node.clientHeight < 24;
      }}
    >
      {lines.length === 0 ? (
        <span className="jp-TracksideCard-dim">{empty}</span>
      ) : (
        lines.map((line, index) => (
          <div key={index}>
            <LogText line={line} />
          </div>
        ))
      )}
    </pre>
  );
}
