import { describe, expect, it } from 'vitest';

import { makeChanges, makeJob } from '../../__tests__/builders';
import { mergeChanges } from '../merge';

const known = new Map([['j1', makeJob({ revision: 5 })]]);

describe('merging changes', () => {
  it('takes a job that is new or newer, and says what it was before', () => {
    const newer = makeJob({ revision: 7, state: 'SUCCEEDED' });
    const other = makeJob({ job_id: 'j2', revision: 6 });
    const merged = mergeChanges(known, 5, makeChanges({ revision: 7, jobs: [newer, other] }));
    expect(merged.jobs.get('j1')).toBe(newer);
    expect(merged.change?.jobs).toEqual([newer, other]);
    expect(merged.change?.before).toEqual(known);
    expect(merged.revision).toBe(7);
  });

  it('takes a job that was put back into the queue', () => {
    const back = makeJob({ revision: 6, state: 'QUEUED', started_at: null });
    const merged = mergeChanges(known, 5, makeChanges({ revision: 6, jobs: [back] }));
    expect(merged.jobs.get('j1')?.state).toBe('QUEUED');
    expect(merged.change?.before.get('j1')?.state).toBe('RUNNING');
  });

  it('does nothing for what is known, however late or often it comes', () => {
    const late = makeChanges({ revision: 4, jobs: [makeJob({ revision: 4, state: 'QUEUED' })] });
    const merged = mergeChanges(known, 5, late);
    expect(merged).toEqual({ jobs: known, revision: 5, change: null });
    expect(merged.jobs).toBe(known);
  });

  it('forgets on a reset what the server no longer tells, and keeps what did not change', () => {
    const jobs = new Map([...known, ['gone', makeJob({ job_id: 'gone' })]]);
    const merged = mergeChanges(
      jobs,
      5,
      makeChanges({ revision: 9, reset: true, jobs: [makeJob({ revision: 5 })] })
    );
    expect([...merged.jobs.values()]).toEqual([known.get('j1')]);
    expect(merged.change).toMatchObject({ reset: true, jobs: [] });
  });

  it('follows a store that was put back to an earlier state', () => {
    const merged = mergeChanges(known, 500, makeChanges({ revision: 3, reset: true }));
    expect(merged.revision).toBe(3);
  });

  it('passes on runs and experiments above the revision that was seen', () => {
    const run = (revision: number) => ({
      run_id: `r${revision}`,
      experiment_id: '1',
      status: 'RUNNING' as const,
      lifecycle_stage: 'active' as const,
      revision
    });
    const merged = mergeChanges(known, 5, makeChanges({ revision: 8, runs: [run(5), run(8)] }));
    expect(merged.change?.runs).toEqual([run(8)]);
  });

  it('drops what was deleted', () => {
    const deleted = [{ kind: 'job' as const, id: 'j1', revision: 6 }];
    const merged = mergeChanges(known, 5, makeChanges({ revision: 6, deleted }));
    expect(merged.jobs.size).toBe(0);
    expect(merged.change?.deleted).toEqual(deleted);
    expect(mergeChanges(merged.jobs, 6, makeChanges({ revision: 6, deleted })).change).toBeNull();
  });
});
