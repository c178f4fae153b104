import * as React from 'react';

import type { IModelVersion, Stage } from '../../api/registrytypes';
import { neighbour, STAGES, stageName } from '../../shared/board';
import { Section } from '../run/Facts';
import { BoardColumn } from './BoardColumn';
import type { IModelContext } from './context';
import { type IPendingMove, MoveForm } from './MoveForm';

/** The versions by stage. Cards are moved by dragging, by the arrow keys, or from their menu. */
export function Board(props: IModelContext): JSX.Element {
  const { document } = props;
  const { trans } = document.tracks;
  const [pending, setPending] = React.useState<IPendingMove | null>(null);
  const board = React.useRef<HTMLDivElement>(null);
  const columns = React.useMemo(() => {
    const found = new Map<Stage, IModelVersion[]>(STAGES.map(stage => [stage, []]));
    document.versions.forEach(version => found.get(document.placeOf(version))!.push(version));
    return found;
  }, [document.versions, document.model]);

  const focusCard = (version: string): void => {
    board.current
      ?.querySelector<HTMLElement>(`[data-trackside-version="${CSS.escape(version)}"]`)
      ?.focus();
  };
  // A card that was moved is drawn anew in its column: it gets the focus when it is there.
  const awaited = React.useRef<IPendingMove | null>(null);
  React.useLayoutEffect(() => {
    const { current } = awaited;
    if (current && columns.get(current.stage)!.some(one => one.version === current.version)) {
      awaited.current = null;
      focusCard(current.version);
    }
  });
  const close = (version: string, stage: Stage): void => {
    awaited.current = { version, stage };
    setPending(null);
  };
  const ask = (version: IModelVersion, stage: Stage): void => {
    if (document.placeOf(version) !== stage) {
      setPending({ version: version.version, stage });
    }
  };
  const moveFocus = (version: IModelVersion, by: -1 | 1): void => {
    const column = columns.get(document.placeOf(version))!;
    const next = column[column.indexOf(version) + by];
    if (next) {
      focusCard(next.version);
    }
  };

  return (
    <Section title={trans.__('Stages')}>
      {pending && (
        <MoveForm
          key={pending.version}
          document={document}
          pending={pending}
          holders={columns.get(pending.stage)!.filter(one => one.version !== pending.version)}
          onStage={stage => setPending({ ...pending, stage })}
          onClose={stage => close(pending.version, stage)}
        />
      )}
      <div ref={board} className="jp-TracksideBoard">
        {STAGES.map(stage => (
          <BoardColumn
            key={stage}
            {...props}
            stage={stage}
            versions={columns.get(stage)!}
            pending={pending}
            onAsk={ask}
            onStep={(version, by) => ask(version, neighbour(document.placeOf(version), by))}
            onMoveFocus={moveFocus}
            onDrop={version => {
              const found = document.versions.find(one => one.version === version);
              if (found) {
                ask(found, stage);
              }
            }}
          />
        ))}
      </div>
      <p className="jp-TracksideDoc-note jp-TracksideBoard-hint">
        {trans.__(
          'Drag a card, or move it with ← and →. %1 and %2 are the aliases “production” and “staging”, so any MLflow loads what stands there.',
          stageName('Production', trans),
          stageName('Staging', trans)
        )}
      </p>
    </Section>
  );
}
