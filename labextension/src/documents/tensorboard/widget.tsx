import { MainAreaWidget } from '@jupyterlab/apputils';
import { IFrame, ReactWidget, ToolbarButton } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Panel } from '@lumino/widgets';
import * as React from 'react';

import { ErrorBoundary } from '../../components/ErrorBoundary';
import { BoardState } from './BoardState';
import { boardIcon } from './icon';
import type { BoardModel } from './model';

// Never what would let the page lead the browser elsewhere or ask in Jupyter's name.
const MAY: IFrame.SandboxExceptions[] = [
  'allow-scripts',
  'allow-forms',
  'allow-downloads',
  'allow-popups'
];

/** What stands in the main area: TensorBoard's page, or why it is not there. */
export class BoardContent extends Panel {
  constructor(readonly board: BoardModel) {
    super();
    const { trans } = board;
    this.addClass('jp-TracksideDoc');
    this.addClass('jp-TracksideTensorboard');
    this.title.icon = boardIcon;
    this.title.closable = true;
    this.title.label = board.name
      ? trans.__('TensorBoard – %1', board.name)
      : trans._n('TensorBoard – %1 run', 'TensorBoard – %1 runs', board.runIds.length);
    this.title.caption = this.title.label;
    this.state = ReactWidget.create(
      <ErrorBoundary trans={trans}>
        <BoardState board={board} />
      </ErrorBoundary>
    );
    this.frame = new IFrame({ sandbox: MAY, referrerPolicy: 'no-referrer' });
    this.frame.addClass('jp-TracksideTensorboard-frame');
    this.frame.node.querySelector('iframe')!.title = this.title.label;
    this.addWidget(this.state);
    this.addWidget(this.frame);
    board.changed.connect(this.onChanged, this);
    this.onChanged();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.board.dispose();
      super.dispose();
    }
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.board.refresh();
  }

  private onChanged(): void {
    const { phase } = this.board;
    const isReady = phase.kind === 'ready';
    this.frame.setHidden(!isReady);
    if (phase.kind === 'ready' && phase.url !== this.shown) {
      this.shown = phase.url;
      this.frame.sandbox = phase.isApart ? MAY : [...MAY, 'allow-same-origin'];
      this.frame.url = phase.url;
    }
  }

  private readonly state: ReactWidget;
  private readonly frame: IFrame;
  private shown = '';
}

/** The tab of a TensorBoard, as it is added to the shell. */
export function createBoardDocument(
  board: BoardModel,
  readScalars: () => Promise<void>
): MainAreaWidget<BoardContent> {
  const { trans } = board;
  const content = new BoardContent(board);
  const widget = new MainAreaWidget({ content });
  widget.id = `trackside-tensorboard-${board.runIds.join('-')}`;
  widget.toolbar.addItem(
    'read-scalars',
    new ToolbarButton({
      label: trans.__('Read scalars into the metrics'),
      tooltip: trans.__('Read the scalars of the event files into the metrics of their runs'),
      onClick: () => void readScalars()
    })
  );
  return widget;
}
