import { describe, expect, it } from 'vitest';

import { makeJob, makeRun } from '../../__tests__/builders';
import type { IJobDetail, IRun } from '../../api/types';
import { english } from '../../shared/trans';
import { notebookOf } from '../notebook';
import { unpinnedOf } from '../pinning';

function detail(change: Partial<IJobDetail> = {}): IJobDetail {
  return { ...makeJob(), spec: {}, bundle: null, failure: null, ...change };
}

function cellsOf(notebook: Record<string, unknown>): { cell_type: string; source: string }[] {
  return notebook.cells as { cell_type: string; source: string }[];
}

describe('a notebook of a run', () => {
  it('has its params, its code, and the line that runs it as a job again', () => {
    const job = detail({
      runner: 'local',
      params: { lr: 0.1, name: 'a "b"', on: true, none: null },
      resources: { cpus: 2, memory: 4 * 2 ** 30, gpus: 1 },
      experiment_name: 'digits'
    });
    const cells = cellsOf(notebookOf({ run: makeRun('r1'), job, code: 'print(lr)' }, english));
    expect(cells[1].source).toBe('lr = 0.1\nname = "a \\"b\\""\non = True\nnone = None');
    expect(cells[2].source).toBe('print(lr)');
    const last = cells[cells.length - 1].source;
    expect(last).toMatch(/^%%train .*--gpus 1.*\nprint\(lr\)$/s);
    expect(last).toContain('--memory 4Gi');
    expect(last).toContain('--param lr=0.1');
  });

  it('of a run without a job has what the run knows', () => {
    const run: IRun = {
      ...makeRun('r1'),
      params: new Map([
        ['depth', '3'],
        ['kind', 'tree'],
        ['a-b', '1']
      ])
    };
    const cells = cellsOf(notebookOf({ run, job: null, code: null }, english));
    expect(cells.map(cell => cell.source)[1]).toBe('depth = 3\nkind = "tree"');
    expect(cells).toHaveLength(2);
  });

  it('does not let a name become markup', () => {
    const run = makeRun('r1');
    const odd: IRun = { ...run, info: { ...run.info, run_name: '<img src=x>\n# [a](b)' } };
    const [first] = cellsOf(notebookOf({ run: odd, job: null, code: 'x' }, english));
    expect(first.source.split('\n')[0]).toBe('# \\<img src=x\\> \\# \\[a\\]\\(b\\)');
  });
});

describe('what is not pinned', () => {
  it('are changed files that neither were committed nor travelled, and data', () => {
    const run: IRun = {
      ...makeRun('r1'),
      tags: new Map([
        ['mlflow.source.git.commit', 'abc'],
        ['trackside.git.changed_files', '["src/utils.py", "src/other.py", "work.ipynb"]']
      ]),
      datasets: [{ dataset: { name: 'train', digest: 'd', source: 's', source_type: 'x' } }]
    } as unknown as IRun;
    const found = unpinnedOf(run, ['utils.py'], 'src/work.ipynb', english);
    expect(found.map(({ code }) => code)).toEqual(['FILES', 'DATA']);
    expect(found[0].message).toMatch(/: src\/other\.py\.$/);
    expect(found[1].message).toMatch(/: train\.$/);
  });
});
