import { describe, expect, it } from 'vitest';

import { makeJob } from '../../__tests__/builders';
import { countJobs, orderJobs } from '../joborder';

const jobs = [
  makeJob({ job_id: 'ended-early', state: 'SUCCEEDED', ended_at: 3000 }),
  makeJob({ job_id: 'second', state: 'QUEUED', queue_position: 2 }),
  makeJob({ job_id: 'old', state: 'RUNNING', started_at: 100 }),
  makeJob({ job_id: 'ended-late', state: 'FAILED', ended_at: 9000 }),
  makeJob({ job_id: 'first', state: 'QUEUED', queue_position: 1 }),
  makeJob({ job_id: 'new', state: 'STARTING', started_at: null, created_at: 500 })
];

describe('the order of jobs', () => {
  it('is: what runs, what waits in the order of the queue, what ended last', () => {
    expect(orderJobs(jobs).map(job => job.job_id)).toEqual([
      'new',
      'old',
      'first',
      'second',
      'ended-late',
      'ended-early'
    ]);
  });

  it('takes a job that was put back into the queue among those that wait', () => {
    const back = makeJob({ job_id: 'back', state: 'QUEUED', started_at: 9000, created_at: 10 });
    expect(orderJobs([back, ...jobs]).map(job => job.job_id)).toEqual([
      'new',
      'old',
      'first',
      'second',
      'back',
      'ended-late',
      'ended-early'
    ]);
  });

  it('counts what starts among what runs', () => {
    expect(countJobs(jobs)).toEqual({ running: 2, queued: 2 });
  });
});
