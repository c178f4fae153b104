import { describe, expect, it } from 'vitest';

import { serveWith } from '../../../__tests__/server';
import { type ITableQuestion, TableApi } from '../../../api/table';
import { Selection } from '../../../models/selection';
import { takenOf } from '../taken';

const QUESTION: ITableQuestion = {
  experiment_ids: ['1'],
  filter: 'metrics.loss < 1',
  order_by: ['metrics.loss ASC'],
  view: 'ACTIVE_ONLY'
};

function selected(count: number): Selection {
  const selection = new Selection();
  selection.setAll(
    Array.from({ length: count }, (_, at) => `r${at}`),
    true
  );
  return selection;
}

describe('What is taken away of a table', () => {
  it('is all that matches when nothing is selected, or all', () => {
    expect(takenOf(QUESTION, new Selection())).toEqual({ question: QUESTION });
    const all = new Selection();
    all.selectEverything();
    expect(takenOf(QUESTION, all)).toEqual({ question: QUESTION });
    all.toggle('r1', 1);
    expect(takenOf(QUESTION, all)).toEqual({ question: QUESTION, picked: { without: ['r1'] } });
  });

  it('is exactly the selection, however large it is', () => {
    expect(takenOf(QUESTION, selected(2)).question.filter).toBe(
      "attributes.run_id IN ('r0', 'r1')"
    );
    const { question, picked } = takenOf(QUESTION, selected(400));
    expect(picked?.run_ids).toHaveLength(400);
    expect(question).toEqual({ ...QUESTION, filter: undefined, view: 'ALL' });
  });

  it('is asked for by its ids, and keeps the name that the server gives', async () => {
    const { settings, seen } = serveWith(() => ({ text: 'run_id' }));
    const { name, file } = await new TableApi(settings).export(QUESTION, 'csv', {
      run_ids: ['r0']
    });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      path: 'api/v1/runs/export',
      body: { ...QUESTION, run_ids: ['r0'], format: 'csv' }
    });
    expect([name, await file.text()]).toEqual(['runs.csv', 'run_id']);
  });
});
