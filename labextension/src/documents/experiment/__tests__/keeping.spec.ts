import type { IStateDB } from '@jupyterlab/statedb';
import { describe, expect, it, vi } from 'vitest';

import type { ISavedView, TableApi } from '../../../api/table';
import { Memory } from '../memory';
import { span } from '../range';
import { SavedViews } from '../savedviews';
import { withinBounds } from '../useKeys';
import { DEFAULT_VIEW } from '../view';

describe('What a table remembers', () => {
  it('is kept even if the table is closed at once', async () => {
    const save = vi.fn(async () => undefined);
    const memory = new Memory({ save } as unknown as IStateDB, ['2', '1']);
    memory.save({ top: 7 });
    memory.dispose();
    expect(save).toHaveBeenCalledWith('trackside:experiment:1,2', { top: 7 });
  });

  it('is nothing where it cannot be read', async () => {
    const fetch = vi.fn(async () => {
      throw new Error('no database');
    });
    const memory = new Memory({ fetch } as unknown as IStateDB, ['1']);
    await expect(memory.fetch()).resolves.toEqual({ view: undefined, top: 0 });
    memory.dispose();
  });
});

describe('A saved view', () => {
  it('is taken back as it was before it was overwritten', async () => {
    const updateView = vi.fn(async () => undefined);
    const api = { updateView, views: async () => [] } as unknown as TableApi;
    const saved = {
      id: 'v1',
      definition: { filter: 'a', isDefault: true }
    } as unknown as ISavedView;
    const undo = await new SavedViews(api, ['1']).overwrite(saved, DEFAULT_VIEW);
    expect(updateView).toHaveBeenLastCalledWith('v1', {
      definition: { ...DEFAULT_VIEW, isDefault: true }
    });
    await undo();
    expect(updateView).toHaveBeenLastCalledWith('v1', { definition: saved.definition });
  });
});

describe('Moving in a table', () => {
  it('leads to a cell that is there, although rows and columns went away or moved', () => {
    const columns = [{ field: 'params.a' }, { field: 'params.b' }];
    const layout = { columns, pinned: 1, width: 0 } as never;
    expect(withinBounds({ line: 10, cell: 8 }, 3, layout)).toEqual({ line: 2, cell: 2 });
    expect(withinBounds({ line: 0, cell: 1 }, 0, layout)).toEqual({ line: -1, cell: 1 });
    const moved = { line: 0, cell: 1, field: 'params.b' };
    expect(withinBounds(moved, 1, layout)).toEqual({ line: 0, cell: 2 });
  });

  it('selects those next to where it began when they are too many', () => {
    expect(span(3, 5)).toEqual([3, 5]);
    expect(span(5, 3)).toEqual([3, 5]);
    expect(span(0, 50_000)).toEqual([0, 9999]);
    expect(span(50_000, 0)).toEqual([40_001, 50_000]);
  });
});
