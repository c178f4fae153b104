import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { CopyButton } from './CopyButton';

/** Code to read and to copy. */
export function CodeBlock(props: {
  text: string;
  /** What the button does. */
  copyLabel: string;
  trans: TranslationBundle;
}): React.ReactElement {
  const { text, copyLabel, trans } = props;
  return (
    <div className="jp-TracksideCodeBlock">
      {/* What may scroll can be reached by the keyboard. */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} label={copyLabel} trans={trans} />
    </div>
  );
}
