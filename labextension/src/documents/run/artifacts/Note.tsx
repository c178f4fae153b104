import * as React from 'react';

/** A sentence in the place of a preview, or below it. */
export function Note(props: { text: string }): JSX.Element {
  return <p className="jp-TracksideDoc-note">{props.text}</p>;
}
