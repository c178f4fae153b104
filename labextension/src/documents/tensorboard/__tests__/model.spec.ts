import { expect, it, vi } from 'vitest';

import type { IBoard, TensorboardApi } from '../../../api/tensorboard';
import { english } from '../../../shared/trans';
import { BoardModel } from '../model';

const BOARD: IBoard = {
  id: 'b1',
  run_ids: ['r1'],
  state: 'READY',
  message: null,
  truncated: false,
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

it('files that are left out are told as soon as the server says so, which is asked when the tab is seen again', async () => {
  let board = BOARD;
  let isInView = false;
  const get = vi.fn(async () => board);
  const pageOf = async () => ({ url: 'apart/', isApart: true });
  const api = { open: async () => BOARD, get, pageOf } as unknown as TensorboardApi;
  const model = new BoardModel(api, english as never, ['r1'], 'run', () => isInView);
  await model.open();
  expect(model.isTruncated).toBe(false);
  board = { ...BOARD, truncated: true };
  isInView = true;
  const told = new Promise(resolve => model.changed.connect(resolve));
  document.dispatchEvent(new Event('visibilitychange'));
  await told;
  expect(model.isTruncated).toBe(true);
  expect(model.phase).toEqual({ kind: 'ready', url: 'apart/', isApart: true });

  const unlisten = vi.spyOn(document, 'removeEventListener');
  model.dispose();
  expect(unlisten).toHaveBeenCalledWith('visibilitychange', model.refresh);
});
