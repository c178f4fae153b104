import { describe, expect, it } from 'vitest';

import { toRecurring, toRun, toSpec } from '../../api/pipelinereading';
import { filterText } from '../../api/pipelines';
import { conditionsOf, EVERYTHING } from '../pipelineruns';

describe('what KFP says of pipelines', () => {
  it('is read where nearly all of it is left out', () => {
    const run = toRun({ run_id: 'r1' });
    expect([run.state, run.archived, run.ended_at, run.spec]).toEqual([
      'PENDING',
      false,
      null,
      null
    ]);
  });

  it('gives the times, the name and the run in tracking of a run', () => {
    const run = toRun({
      run_id: 'r1',
      display_name: 'nightly',
      state: 'FAILED',
      storage_state: 'ARCHIVED',
      created_at: '2026-11-29T06:00:00Z',
      // Some servers say the beginning of time for never.
      finished_at: '1970-01-01T00:00:00Z',
      state_history: [
        { state: 'PENDING', update_time: '2026-11-29T06:00:00Z' },
        { state: 'RUNNING', update_time: '2026-11-29T06:00:02Z' }
      ],
      error: { code: 2, message: 'Task fit failed.' },
      pipeline_spec: {
        pipeline_spec: { pipelineInfo: { name: 'train' } },
        platform_spec: { platforms: { kubernetes: {} } }
      },
      plugins_output: { mlflow: { entries: { root_run_id: { value: 'm1' } } } }
    });
    expect(run.started_at! - run.created_at).toBe(2000);
    expect(run.ended_at).toBeNull();
    expect([run.pipeline, run.message, run.mlflow_run_id, run.archived]).toEqual([
      'train',
      'Task fit failed.',
      'm1',
      true
    ]);
    expect(run.spec!.platforms).toEqual({ platforms: { kubernetes: {} } });
  });

  it('tells what a recurring run missed', () => {
    const recurring = toRecurring({
      recurring_run_id: 'c1',
      status: 'ENABLED',
      trigger: { cron_schedule: { cron: '0 0 6 * * *' } },
      trackside: {
        next_due_at: '2026-11-30T06:00:00Z',
        missed: 1,
        last: {
          due_at: '2026-11-29T06:00:00Z',
          outcome: 'MISSED',
          message: 'The server was away.'
        },
        moments: [
          { due_at: '2026-11-29T06:00:00Z', outcome: 'MISSED', message: 'The server was away.' },
          { due_at: '2026-11-28T06:00:00Z', outcome: 'STARTED', run_id: 'r1' }
        ]
      }
    });
    expect(recurring.schedule).toMatchObject({ interval: null, cron: '0 0 6 * * *' });
    expect([recurring.missed, recurring.last?.message]).toEqual([1, 'The server was away.']);
    expect(recurring.moments.map(({ run_id }) => run_id)).toEqual(['', 'r1']);
    expect(recurring.next_at).toBe(Date.parse('2026-11-30T06:00:00Z'));
  });

  it('is no pipeline where there is nothing in it', () => {
    expect(toSpec({})).toBeNull();
    expect(toSpec(undefined)).toBeNull();
  });
});

describe('what is asked of the runs', () => {
  it('leaves those out that were put away, unless they are wanted', () => {
    expect(conditionsOf(EVERYTHING)).toEqual([
      { key: 'storage_state', operation: 'NOT_EQUALS', value: 'ARCHIVED' }
    ]);
    expect(conditionsOf({ ...EVERYTHING, archived: true })[0].value).toBe('ARCHIVED');
  });

  it('is written as KFP’s protocol does', () => {
    const asked = conditionsOf({ ...EVERYTHING, name: ' a"b ', states: ['FAILED', 'CANCELED'] });
    expect(JSON.parse(filterText(asked)).predicates.slice(0, 2)).toEqual([
      { key: 'display_name', operation: 'IS_SUBSTRING', string_value: 'a"b' },
      { key: 'state', operation: 'IN', string_values: { values: ['FAILED', 'CANCELED'] } }
    ]);
  });
});
