import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { CodeBlock } from './CodeBlock';

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
      {code && <CodeBlock text={code} copyLabel={trans.__('Copy the code')} trans={trans} />}
      {children}
    </div>
  );
}
