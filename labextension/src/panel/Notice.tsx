import * as React from 'react';

import { CopyButton } from '../components/CopyButton';
import { useAfter, useSignal } from '../components/hooks';
import type { ITracksideModel } from '../tokens';

/** The line that turns the server extension on. */
const ENABLE = 'jupyter server extension enable trackside_server';

/** Says above the sections that the server is out of reach, or that it and the page do not match. */
export function Notice(props: { model: ITracksideModel }): React.ReactElement | null {
  const { model } = props;
  const { trans, connection } = model;
  useSignal(model.connectionChanged);
  const [isTrying, setTrying] = React.useState(false);
  const { state, sentence } = connection;
  // A hiccup of the network is nobody's business.
  const isLasting = useAfter(state === 'offline', 3000);
  if (!sentence || (state === 'offline' && !isLasting)) {
    return null;
  }
  const retry = (): void => {
    setTrying(true);
    void model.refresh().finally(() => setTrying(false));
  };
  return (
    <div
      className={`jp-TracksideNotice ${state === 'unavailable' ? 'jp-mod-alert' : 'jp-mod-warn'}`}
      role="status"
    >
      <p>{sentence}</p>
      <div className="jp-TracksideNotice-actions">
        {sentence.includes(ENABLE) && (
          <CopyButton text={ENABLE} label={trans.__('Copy the command')} trans={trans} />
        )}
        {state !== 'ok' && (
          <button className="jp-TracksideLink" disabled={isTrying} onClick={retry}>
            {isTrying ? trans.__('Trying…') : trans.__('Try again')}
          </button>
        )}
      </div>
    </div>
  );
}
