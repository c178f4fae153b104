import { describe, expect, it } from 'vitest';

import type { ITableRow } from '../../../api/table';
import { english } from '../../../shared/trans';
import { cellWords } from '../words';

const MINUTE = 60_000;
const MADE = Date.UTC(2026, 4, 1);
const ROW: ITableRow = {
  run_id: 'r1',
  run_name: 'one',
  experiment_id: '1',
  status: 'RUNNING',
  start_time: MADE,
  end_time: null,
  user_id: 'ada',
  lifecycle_stage: 'active',
  parent_run_id: null,
  metrics: {},
  params: {},
  tags: {}
};

function said(row: ITableRow, key: string) {
  const now = MADE + 5 * MINUTE;
  return cellWords(row, `attributes.${key}`, now, id => id, english as never);
}

describe('What the table says of when a run started', () => {
  it('tells how long ago that was, and how long it has taken', () => {
    expect(said(ROW, 'start_time').text).toMatch(/5/);
    expect(said(ROW, 'duration').text).toMatch(/5/);
  });

  it('does not claim that a run which still waits has started', () => {
    const waiting: ITableRow = { ...ROW, status: 'SCHEDULED' };
    expect(said(waiting, 'start_time').text).toBe('Queued');
    expect(said(waiting, 'start_time').full).toMatch(/^Queued; made, or begun first, at .*2026/);
    expect(said(waiting, 'duration')).toEqual({ text: '', full: '' });
  });
});
