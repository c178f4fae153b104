import { expect, it } from 'vitest';

import type { IBoard, TensorboardApi } from '../../../api/tensorboard';
import { english } from '../../../shared/trans';
import { BoardModel } from '../model';

const BOARD: IBoard = {
  id: 'b1',
  run_ids: ['r1'],
  state: 'READY',
  message: null,
  url: 'apart/',
  shared_url: 'shared/'
};

it('a page that is not apart from Jupyter is shown only when somebody wants it', async () => {
  const api = {
    open: async () => BOARD,
    get: async () => BOARD,
    pageOf: async () => ({ url: 'shared/', isApart: false })
  } as unknown as TensorboardApi;
  const board = new BoardModel(api, english as never, ['r1'], 'run', () => true);
  await board.open();
  expect(board.phase).toEqual({ kind: 'shared' });
  await board.trust();
  expect(board.phase).toEqual({ kind: 'ready', url: 'shared/', isApart: false });
  board.dispose();
});
