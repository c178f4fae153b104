import * as React from 'react';

import type { IModelVersion, Stage } from '../../api/registrytypes';
import { stageName } from '../../shared/board';
import { Action } from '../../shared/Action';
import { BoardCard } from './BoardCard';
import type { IModelContext } from './context';
import type { IPendingMove } from './MoveForm';

/** What is dragged. */
export const DRAGGED = 'application/vnd.trackside.model-version';

/** How many cards a column shows at first. */
const FEW = 5;

/** One column of the board. */
export function BoardColumn(
  props: IModelContext & {
    stage: Stage;
    versions: readonly IModelVersion[];
    pending: IPendingMove | null;
    onAsk: (version: IModelVersion, stage: Stage) => void;
    onStep: (version: IModelVersion, by: -1 | 1) => void;
    onMoveFocus: (version: IModelVersion, by: -1 | 1) => void;
    onDrop: (version: string) => void;
  }
): JSX.Element {
  const { document, stage, versions, pending, onDrop } = props;
  const { trans } = document.tracks;
  const [isOver, setOver] = React.useState(false);
  const [showsAll, setShowsAll] = React.useState(false);
  const name = stageName(stage, trans);
  const shown = showsAll ? versions : versions.slice(0, FEW);
  const classes = ['jp-TracksideBoard-column', `jp-mod-${stage.toLowerCase()}`];
  if (isOver || pending?.stage === stage) {
    classes.push('jp-mod-target');
  }
  return (
    <div
      className={classes.join(' ')}
      role="group"
      aria-label={trans._n('%2, %1 version', '%2, %1 versions', versions.length, name)}
      onDragOver={event => {
        if (event.dataTransfer.types.includes(`${DRAGGED}+${scope(document.name)}`)) {
          event.preventDefault();
          setOver(true);
        }
      }}
      onDragLeave={event => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) {
          setOver(false);
        }
      }}
      onDrop={event => {
        event.preventDefault();
        setOver(false);
        onDrop(event.dataTransfer.getData(`${DRAGGED}+${scope(document.name)}`));
      }}
    >
      <h3>
        {name} <span>{versions.length}</span>
      </h3>
      <ul>
        {shown.map(version => (
          <BoardCard key={version.version} {...props} version={version} />
        ))}
      </ul>
      {versions.length > shown.length && (
        <Action
          label={trans.__('Show %1 more', versions.length - shown.length)}
          onClick={() => setShowsAll(true)}
        />
      )}
    </div>
  );
}

/** The kind of data by which a board knows its own cards: names are compared in small letters. */
export function scope(name: string): string {
  return Array.from(new TextEncoder().encode(name), byte => byte.toString(16)).join('');
}
