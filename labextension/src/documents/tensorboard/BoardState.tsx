import * as React from 'react';

import { EmptyState } from '../../components/EmptyState';
import { useAfter, useSignal } from '../../components/hooks';
import { Action } from '../../shared/Action';
import { count } from '../../shared/format';
import type { BoardModel } from './model';

/** What the server takes of a run. */
const MOST_FILES = 1000;
const MOST_ENTRIES = 20_000;
const MOST_DEPTH = 20;
const MOST_FETCHED = '1 GB';

const SAMPLE = `from torch.utils.tensorboard import SummaryWriter

with SummaryWriter("tb") as writer:        # in a job: its event files are found by themselves
    writer.add_scalar("loss", 0.25, 1)

trackside.log_artifact("tb")               # elsewhere: log the folder into the run`;

/** What stands in the place of TensorBoard's page until that is there, and above it what it does not show. */
export function BoardState(props: { board: BoardModel }): JSX.Element {
  const { board } = props;
  useSignal(board.changed);
  const isSlow = useAfter(board.phase.kind === 'opening');
  const note = noteOf(board, isSlow);
  return (
    <>
      {/* What comes together with its region is not read out: the region is there before. */}
      <div role="status">{note && <p className="jp-TracksideDoc-note">{note}</p>}</div>
      <Instead board={board} />
    </>
  );
}

/** What is said while nothing is asked of anybody. */
function noteOf({ phase, isTruncated, trans }: BoardModel, isSlow: boolean): string {
  if (phase.kind === 'opening' && isSlow) {
    return trans.__('TensorBoard is starting…');
  }
  if (isTruncated && (phase.kind === 'empty' || phase.kind === 'ready')) {
    return trans.__(
      'Not all event files are shown. Of each run at most %1 are taken, out of %2 files and folders, %3 folders deep; from an MLflow server at most %4.',
      count(MOST_FILES),
      count(MOST_ENTRIES),
      MOST_DEPTH,
      MOST_FETCHED
    );
  }
  return '';
}

function Instead({ board }: { board: BoardModel }): JSX.Element | null {
  const { trans, phase } = board;
  switch (phase.kind) {
    case 'empty':
      return (
        <EmptyState
          sentence={trans.__(
            'There are no event files yet. This tab shows TensorBoard as soon as there are.'
          )}
          code={SAMPLE}
          trans={trans}
        />
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
    default:
      return null;
  }
}
