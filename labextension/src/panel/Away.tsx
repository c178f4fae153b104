import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

/** What a section shows that nothing is known of yet; what is wrong is said above all of them. */
export function Away(props: { trans: TranslationBundle }): React.ReactElement {
  return (
    <div className="jp-TracksideEmpty">
      <p>{props.trans.__('Nothing is known yet. It comes as soon as the server answers.')}</p>
    </div>
  );
}
