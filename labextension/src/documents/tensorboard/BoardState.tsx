import * as React from 'react';

import { EmptyState } from '../../components/EmptyState';
import { useAfter, useSignal } from '../../components/hooks';
import { Action } from '../../shared/Action';
import type { BoardModel } from './model';

const SAMPLE = `from torch.utils.tensorboard import SummaryWriter

with SummaryWriter("tb") as writer:        # in a job: its event files are found by themselves
    writer.add_scalar("loss", 0.25, 1)

trackside.log_artifact("tb")               # elsewhere: log the folder into the run`;

/** What stands in the place of TensorBoard's page until that is there, and above it what it does not show. */
export function BoardState(props: { board: BoardModel }): JSX.Element | null {
  const { board } = props;
  const { trans, phase } = board;
  useSignal(board.changed);
  const isSlow = useAfter(phase.kind === 'opening');
  switch (phase.kind) {
    case 'opening':
      return isSlow ? (
        <p className="jp-TracksideDoc-note" role="status">
          {trans.__('TensorBoard is starting…')}
        </p>
      ) : null;
    case 'empty':
      return (
        <>
          <LeftOut board={board} />
          <EmptyState
            sentence={trans.__(
              'There are no event files yet. This tab shows TensorBoard as soon as there are.'
            )}
            code={SAMPLE}
            trans={trans}
          />
        </>
      );
    case 'failed':
      return (
        <div className="jp-TracksideEmpty" role="alert">
          <p>{phase.sentence}</p>
          <Action label={trans.__('Try again')} onClick={() => board.open()} strong />
        </div>
      );
    case 'shared':
      return (
        <div className="jp-TracksideEmpty" role="alert">
          <p>
            {trans.__(
              'Something between this page and the server, such as a proxy that asks for cookies, does not let TensorBoard through as a page apart. Shown as a part of Jupyter, it can do what you can do here. Show it only when you trust the event files.'
            )}
          </p>
          <Action label={trans.__('Show TensorBoard')} onClick={() => board.trust()} strong />
        </div>
      );
    case 'ready':
      return <LeftOut board={board} />;
  }
}

function LeftOut({ board }: { board: BoardModel }): JSX.Element | null {
  return board.isTruncated ? (
    <p className="jp-TracksideDoc-note" role="status">
      {board.trans.__(
        'Not all event files are shown. Of each run there may be 1,000, in folders 20 deep with 20,000 files in all, and 1 GB that an MLflow server keeps.'
      )}
    </p>
  ) : null;
}
