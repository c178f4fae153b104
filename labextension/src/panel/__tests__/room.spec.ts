import { describe, expect, it } from 'vitest';

import { share } from '../room';

describe('The room of the sections of the panel', () => {
  it('is what they hold, and the rest for the runs', () => {
    expect(share(1000, [120, 'rest', 80, 'folded'])).toEqual([0.12, 0.8, 0.08, 0]);
    expect(share(1000, ['folded', 'rest', 'folded', 'folded'])).toEqual([0, 1, 0, 0]);
  });

  it('is never all for the others, however much they hold', () => {
    expect(share(1000, [5000, 'rest', 0, 'folded'])).toEqual([0.4, 0.6, 0, 0]);
    const [jobs, runs, models, cluster] = share(1000, [5000, 'rest', 5000, 200]);
    expect(runs).toBeCloseTo(0.4);
    expect(jobs).toBeCloseTo(0.24);
    expect(models).toBeCloseTo(0.24);
    expect(cluster).toBeCloseTo(0.12);
  });

  it('is shared by the others when the runs are folded', () => {
    expect(share(1000, [100, 'folded', 300, 'folded'])).toEqual([0.25, 0, 0.75, 0]);
    expect(share(1000, [0, 'folded', 0, 'folded'])).toEqual([0.5, 0, 0.5, 0]);
  });
});
