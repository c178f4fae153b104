import * as React from 'react';

import type { KfpServer } from '../../models/kfp';
import { Action } from '../../shared/Action';
import type { ITrans } from '../../shared/trans';

/** Says why a KFP server cannot be asked now and what to do; nothing while it can. */
export function PlaceState(props: { kfp: KfpServer; trans: ITrans }): React.ReactElement | null {
  const { kfp, trans } = props;
  const { state, host, message } = kfp.status;
  if (!kfp.isAway) {
    return null;
  }
  const sentence =
    message ||
    (state === 'REFUSED'
      ? trans.__('%1 does not let this Jupyter server in.', host)
      : trans.__('%1 does not answer. It is asked again by itself.', host));
  return (
    <div className="jp-TracksideNotice jp-mod-warn" role="status">
      <p>{sentence}</p>
      <Action label={trans.__('Try again')} onClick={() => kfp.refresh(true)} />
    </div>
  );
}
