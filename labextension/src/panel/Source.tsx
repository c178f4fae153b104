import { refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useRefresh, useSignal } from '../components/hooks';
import { IconButton } from '../components/IconButton';
import { outsideOf } from '../models/outside';
import type { RunsModel } from '../models/runs';

/** How often the runs of an outside server are asked for while they are in view. */
const EVERY = 15_000;

/** Says on which outside server the runs are and how it stands, and keeps them fresh. */
export function Source(props: { runs: RunsModel }): React.ReactElement | null {
  const { runs } = props;
  const { model } = runs;
  const { trans } = model;
  useSignal(model.connectionChanged);
  useSignal(model.infoChanged);
  const outside = outsideOf(model.info);
  const [isAsking, setAsking] = React.useState(false);
  const rounds = React.useRef(0);
  const refresh = async (everything: boolean): Promise<void> => {
    await model.refresh();
    await runs.refresh(everything).catch(() => undefined);
    if (runs.error) {
      // The server may have gone in this moment: then that is what is wrong, and not the question.
      await model.refresh();
    }
  };
  const frame = useRefresh<HTMLDivElement>(outside ? EVERY : null, () => {
    rounds.current += 1;
    // Experiments come and go more rarely than runs.
    return refresh(rounds.current % 4 === 0);
  });
  if (!outside) {
    return null;
  }
  const isWell = outside.state === 'ok' || outside.state === 'connecting';
  const name = outside.version
    ? trans.__('MLflow %1 at %2', outside.version, outside.host)
    : trans.__('MLflow at %1', outside.host);
  return (
    <div ref={frame} className="jp-TracksideSource">
      <div className="jp-TracksideSource-line">
        <span className="jp-TracksideSource-name" title={outside.sentence || name}>
          {name}
        </span>
        <IconButton
          icon={refreshIcon}
          label={isAsking ? trans.__('Asking…') : trans.__('Refresh')}
          onClick={() => {
            setAsking(true);
            void refresh(true).finally(() => setAsking(false));
          }}
        />
      </div>
      {!isWell && (
        <div className="jp-TracksideNotice jp-mod-warn" role="status">
          <p>{outside.sentence}</p>
        </div>
      )}
      {outside.waiting > 0 && (
        <p className="jp-TracksideSource-note" role="status">
          {trans._n(
            '%1 change of jobs waits here and is sent by itself.',
            '%1 changes of jobs wait here and are sent by themselves.',
            outside.waiting,
            outside.waiting
          )}
        </p>
      )}
    </div>
  );
}
