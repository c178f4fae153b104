import { describe, expect, it, vi } from 'vitest';

import { ApiError } from '../../../api/request';
import type { ITableQuestion, TableApi } from '../../../api/table';
import { Rows } from '../rows';

const question = (filter: string): ITableQuestion => ({ experiment_ids: ['1'], filter });

/** A table whose server answers as `error` says: with it, or with no runs. */
function tableOf(state: { error: Error | null }): { rows: Rows; filters: (string | undefined)[] } {
  const filters: (string | undefined)[] = [];
  const api = {
    window: async (asked: ITableQuestion) => {
      filters.push(asked.filter);
      if (state.error) {
        throw state.error;
      }
      return { total: 0, offset: 0, has_more: false, rows: [] };
    }
  };
  return { rows: new Rows(api as unknown as TableApi, () => []), filters };
}

describe('A question that was not answered', () => {
  it('is asked again when the table is told to look anew', async () => {
    const away = { status: 424, code: 'UPSTREAM_AWAY' };
    const state = { error: new ApiError('refused', 'gone', away) as Error | null };
    const { rows, filters } = tableOf(state);
    rows.ask({ question: question('metrics.loss < 1'), group: null });
    await vi.waitFor(() => expect(rows.error).not.toBeNull());
    state.error = null;
    rows.refresh();
    await vi.waitFor(() => expect(rows.asked?.question.filter).toBe('metrics.loss < 1'));
    expect(rows.error).toBeNull();
    expect(filters).toHaveLength(2);
  });

  it('is not asked again when the server understood and refused it', async () => {
    const { rows, filters } = tableOf({
      error: new ApiError('refused', 'What is this?', { status: 400 })
    });
    rows.ask({ question: question('metrics.'), group: null });
    await vi.waitFor(() => expect(rows.error).not.toBeNull());
    rows.refresh();
    expect(filters).toHaveLength(1);
    expect(rows.error).not.toBeNull();
  });
});
