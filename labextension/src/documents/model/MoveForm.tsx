import * as React from 'react';

import type { IModelVersion, Stage } from '../../api/registrytypes';
import { STAGES, stageName } from '../../shared/board';
import { Action } from '../../shared/Action';
import type { ModelDocument } from './model';
import { Problem, useAct } from './useAct';

/** A move that waits for its reason. */
export interface IPendingMove {
  version: string;
  stage: Stage;
}

/** Asks where a version goes and why, in place; Enter moves it and Escape leaves it where it is. */
export function MoveForm(props: {
  document: ModelDocument;
  pending: IPendingMove;
  /** The versions that stand there now. */
  holders: readonly IModelVersion[];
  onStage: (stage: Stage) => void;
  /** Called with the stage in which the version stands at the end. */
  onClose: (stage: Stage) => void;
}): JSX.Element {
  const { document, pending, holders, onStage, onClose } = props;
  const { version, stage } = pending;
  const { trans } = document.tracks;
  const [reason, setReason] = React.useState('');
  const [archives, setArchives] = React.useState(true);
  const [act, problem, isBusy] = useAct(trans);
  const field = React.useRef<HTMLInputElement>(null);
  React.useEffect(() => field.current?.focus(), []);
  const takesPlace = (stage === 'Production' || stage === 'Staging') && holders.length > 0;
  const others = holders.map(one => `v${one.version}`).join(', ');
  const stands = document.versions.find(one => one.version === version);
  const now = stands ? document.placeOf(stands) : 'None';

  return (
    <form
      className="jp-TracksideMove"
      aria-label={trans.__('Move version %1', version)}
      onSubmit={event => {
        event.preventDefault();
        if (!isBusy) {
          void act(() => document.place(version, stage, reason, takesPlace && archives)).then(
            done => done && onClose(stage)
          );
        }
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          onClose(now);
        }
      }}
    >
      <label>
        {trans.__('Move v%1 to', version)}
        <select
          className="jp-TracksideSelect"
          value={stage}
          onChange={event => onStage(event.target.value as Stage)}
        >
          {STAGES.filter(one => one !== now || one === stage).map(one => (
            <option key={one} value={one}>
              {stageName(one, trans)}
            </option>
          ))}
        </select>
      </label>
      <input
        ref={field}
        className="jp-TracksideInput"
        aria-label={trans.__('Reason')}
        placeholder={trans.__('Why? For example: 3 % better on last week')}
        maxLength={2000}
        value={reason}
        onChange={event => setReason(event.target.value)}
      />
      {takesPlace && (
        <label title={trans.__('Otherwise %1 stays where no alias holds it', others)}>
          <input
            type="checkbox"
            checked={archives}
            onChange={event => setArchives(event.target.checked)}
          />
          {trans.__('Archive %1', others)}
        </label>
      )}
      <span className="jp-TracksideMove-actions">
        <button type="submit" className="jp-TracksideAction jp-mod-strong" disabled={isBusy}>
          {trans.__('Move')}
        </button>
        <Action label={trans.__('Cancel')} onClick={() => onClose(now)} />
      </span>
      <Problem text={problem} />
    </form>
  );
}
