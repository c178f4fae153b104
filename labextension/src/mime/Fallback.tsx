import * as React from 'react';

/** What the notebook itself holds of an output: sanitised before it comes here. */
export function Fallback(props: { html: string; sentence: string }): JSX.Element {
  return (
    <div className="jp-TracksideFallback">
      <div dangerouslySetInnerHTML={{ __html: props.html }} />
      {props.sentence && <p className="jp-TracksideCard-notice">{props.sentence}</p>}
    </div>
  );
}
