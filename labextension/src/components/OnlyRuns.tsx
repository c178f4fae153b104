import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Action } from '../shared/Action';

/** What shows runs, and the box in it that filters them. */
const VIEWS = '.jp-TracksideTable-view, .jp-TracksideTrash-body';
const BOXES = '.jp-TracksideTableFilter input, .jp-TracksidePipelineRuns-bar input';

/** Says in words that only the runs of what recurs are listed, and leads back to all. */
export function OnlyRuns(props: {
  name: string;
  onAll: () => void;
  className?: string;
  trans: TranslationBundle;
}): JSX.Element {
  const { name, onAll, className, trans } = props;
  const words = React.useRef<HTMLParagraphElement>(null);
  return (
    <p ref={words} className={className}>
      {trans.__('Only runs that “%1” started.', name)}{' '}
      <Action
        label={trans.__('Show all')}
        onClick={() => {
          // The words go and take the focus with them.
          words.current?.closest(VIEWS)?.querySelector<HTMLElement>(BOXES)?.focus();
          onAll();
        }}
      />
    </p>
  );
}
