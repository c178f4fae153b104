import * as React from 'react';

import { useSlowNow } from '../../components/hooks';
import { Action } from '../../shared/Action';
import { ago, moment } from '../../shared/format';
import { Section } from '../run/Facts';
import type { IModelContext } from './context';
import { HoldersOn } from './HoldersOn';
import { type IMove, moveWords, toMoves } from './moves';
import { Problem, useAct } from './useAct';

/** Who promoted what, when and why; it only grows. */
export function History(props: IModelContext): JSX.Element {
  const { document, compact } = props;
  const { trans } = document.tracks;
  const now = useSlowNow();
  const moves = React.useMemo(() => toMoves(document.history), [document.history]);
  const shown = compact ? moves.slice(0, 5) : moves;
  const [act, problem] = useAct(trans);
  return (
    <Section title={trans.__('History')}>
      {!compact && <HoldersOn document={document} />}
      <Problem text={problem} />
      {shown.length === 0 && (
        <p className="jp-TracksideDoc-note">
          {trans.__('Nothing was promoted yet. Move a version, and say why.')}
        </p>
      )}
      <ol className="jp-TracksideHistory" aria-label={trans.__('History of promotions')}>
        {shown.map((move, at) => (
          <Move
            key={move.id}
            move={move}
            taken={moves.find(one => one.id === move.reverts)}
            now={now}
            trans={trans}
            onBack={at === 0 ? () => act(() => document.takeBack(move.id)) : undefined}
          />
        ))}
      </ol>
      {document.hasMoreHistory && !compact && (
        <Action
          label={trans.__('Show older moves')}
          onClick={() => act(() => document.loadMoreHistory())}
        />
      )}
      {document.since !== null && (
        <p className="jp-TracksideDoc-note">
          {trans.__(
            'MLflow keeps no history: this one has the moves made through this Jupyter server since %1, and those made elsewhere as they were seen.',
            moment(document.since)
          )}
        </p>
      )}
    </Section>
  );
}

function Move(props: {
  move: IMove;
  /** The move that it takes back, if that is in view. */
  taken: IMove | undefined;
  now: number;
  trans: IModelContext['document']['tracks']['trans'];
  onBack?: () => Promise<unknown>;
}): JSX.Element {
  const { move, taken, now, trans, onBack } = props;
  const words = moveWords(move, trans);
  return (
    <li data-trackside-move={move.id}>
      <div className="jp-TracksideHistory-what">
        {words.map(text => (
          <span key={text}>{text}</span>
        ))}
        {onBack && (
          <Action
            label={trans.__('Take back')}
            title={trans.__('Take back: %1', words.join('; '))}
            onClick={onBack}
          />
        )}
      </div>
      {move.reverts !== null && (
        <div className="jp-TracksideHistory-back">
          {taken
            ? trans.__('takes back “%1”', moveWords(taken, trans).join('; '))
            : trans.__('takes back move %1', move.reverts)}
        </div>
      )}
      {move.reason && <q>{move.reason}</q>}
      <div className="jp-TracksideHistory-who">
        <bdi>{move.seen ? trans.__('seen, made elsewhere') : move.actor}</bdi>
        <time title={moment(move.time)} dateTime={new Date(move.time).toISOString()}>
          {ago(move.time, Math.max(now, move.time), trans)}
        </time>
      </div>
    </li>
  );
}
