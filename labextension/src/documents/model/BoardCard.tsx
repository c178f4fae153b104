import * as React from 'react';

import type { IModelVersion, Stage } from '../../api/registrytypes';
import { Action } from '../../shared/Action';
import { isBoardAlias, stageName } from '../../shared/board';
import { moment, number } from '../../shared/format';
import { DRAGGED, scope } from './BoardColumn';
import type { IModelContext } from './context';
import { firstColumns, metricKeys } from './metrics';
import type { IPendingMove } from './MoveForm';

/** One version on the board. */
export function BoardCard(
  props: IModelContext & {
    version: IModelVersion;
    stage: Stage;
    pending: IPendingMove | null;
    onAsk: (version: IModelVersion, stage: Stage) => void;
    onStep: (version: IModelVersion, by: -1 | 1) => void;
    onMoveFocus: (version: IModelVersion, by: -1 | 1) => void;
  }
): JSX.Element {
  const { document, version, stage, pending, onAsk, onStep, onMoveFocus } = props;
  const { trans } = document.tracks;
  const run = document.runs.get(version.run_id);
  const aliases = document.aliasesOf(version.version).filter(alias => !isBoardAlias(alias));
  const metrics = run ? firstColumns(metricKeys([run])).slice(0, 2) : [];
  const isChosen = document.chosen?.version === version.version;
  const isPending = pending?.version === version.version;
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.target !== event.currentTarget) {
      return;
    }
    const actions: Record<string, () => void> = {
      ArrowRight: () => onStep(version, 1),
      ArrowLeft: () => onStep(version, -1),
      ArrowDown: () => onMoveFocus(version, 1),
      ArrowUp: () => onMoveFocus(version, -1),
      Enter: () => document.choose(version.version)
    };
    if (event.key in actions) {
      event.preventDefault();
      event.stopPropagation();
      actions[event.key]();
    }
  };
  const classes = ['jp-TracksideBoard-card'];
  if (isPending) {
    classes.push('jp-mod-pending');
  }
  if (isChosen) {
    classes.push('jp-mod-chosen');
  }
  return (
    <li>
      <div
        className={classes.join(' ')}
        role="group"
        tabIndex={0}
        draggable
        data-trackside-version={version.version}
        aria-label={trans.__('Version %1, in %2', version.version, stageName(stage, trans))}
        aria-roledescription={trans.__('card that the left and right arrow keys move')}
        aria-current={isChosen || undefined}
        onKeyDown={onKeyDown}
        onClick={() => document.choose(version.version)}
        onDragStart={event => {
          event.dataTransfer.effectAllowed = 'move';
          event.dataTransfer.setData(`${DRAGGED}+${scope(document.name)}`, version.version);
        }}
      >
        <div
          className="jp-TracksideBoard-head"
          title={trans.__('Registered %1', moment(version.creation_timestamp))}
        >
          <strong>{`v${version.version}`}</strong>
          {aliases.map(alias => (
            <span key={alias} className="jp-TracksideAlias">
              @{alias}
            </span>
          ))}
          <Action
            label={trans.__('Move to…')}
            title={trans.__('Move version %1 to another stage', version.version)}
            onClick={() => onAsk(version, stage === 'Production' ? 'Archived' : 'Production')}
          />
        </div>
        {run && (
          <div className="jp-TracksideBoard-run">
            <span title={run.info.run_name}>{run.info.run_name}</span>
            {metrics.map(key => (
              <span key={key} title={key}>
                {key} <b>{number(run.metrics.get(key)!.value)}</b>
              </span>
            ))}
          </div>
        )}
      </div>
    </li>
  );
}
