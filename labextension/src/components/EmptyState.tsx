import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { CopyButton } from './CopyButton';

/** What stands where nothing is yet: a sentence and the code that changes that. */
export function EmptyState(props: {
  sentence: string;
  code?: string;
  trans: TranslationBundle;
  children?: React.ReactNode;
}): React.ReactElement {
  const { sentence, code, trans, children } = props;
  return (
    <div className="jp-TracksideEmpty">
      <p>{sentence}</p>
      {code && (
        <div className="jp-TracksideEmpty-code">
          <pre>
            <code>{code}</code>
          </pre>
          <CopyButton text={code} label={trans.__('Copy the code')} trans={trans} />
        </div>
      )}
      {children}
    </div>
  );
}
