import * as React from 'react';

import { OpenArrow } from '../../shared/Action';
import { useTrans } from '../../shared/trans-context';

/** Leads to a page of the KFP server, in a tab of its own. */
export function OpenInKfp(props: { url: string; title?: string }): JSX.Element | null {
  const { url, title } = props;
  const trans = useTrans();
  return url ? (
    <a
      className="jp-TracksideAction"
      href={url}
      title={title}
      target="_blank"
      rel="noopener noreferrer"
    >
      {trans.__('Open in KFP')}
      <OpenArrow />
    </a>
  ) : null;
}
