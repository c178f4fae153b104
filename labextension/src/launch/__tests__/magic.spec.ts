import { describe, expect, it } from 'vitest';

import { EMPTY_FORM } from '../form';
import { parseCell, toCell } from '../magic';

describe('the magic of a cell', () => {
  it('is put on top of a cell without one', () => {
    const parts = parseCell('print(1)\nprint(2)');
    const cell = toCell(
      {
        ...EMPTY_FORM,
        gpus: '1',
        name: 'my run',
        params: [{ name: 'lr', value: '0.01', initial: null }],
        files: 'data.csv'
      },
      parts
    );
    expect(cell).toBe(
      "%%train --gpus 1 --name 'my run' --param lr=0.01 --file data.csv\nprint(1)\nprint(2)"
    );
  });

  it('fills the form from the one that is there', () => {
    const { form, code } = parseCell(
      '%%train --gpus=2 -p lr=0.1 --time-limit 2h --env A=b --file x.csv\nprint(1)'
    );
    expect(code).toBe('print(1)');
    expect(form).toEqual({
      gpus: '2',
      timeLimit: '2h',
      params: [{ name: 'lr', value: '0.1', initial: null }],
      env: 'A=b',
      files: 'x.csv'
    });
  });

  it('keeps the options that the form does not know', () => {
    const source = "%%train --as job --wait --metric-pattern 'loss (?P<loss>.*)' --env HOME\nx";
    const parts = parseCell(source);
    expect(toCell({ ...EMPTY_FORM, ...parts.form }, parts)).toBe(source);
  });

  it('sends a cell to the cluster, and back', () => {
    const form = {
      ...EMPTY_FORM,
      on: 'cluster',
      gpus: '2',
      gpuType: 'A100-80GB',
      nodes: '2',
      image: 'ghcr.io/example/train:1',
      queue: 'team-a',
      runtime: 'torch-distributed',
      install: true
    };
    const cell = toCell(form, parseCell('x'));
    expect(cell).toBe(
      "%%train --on cluster --gpus '2 x A100-80GB' --nodes 2 --image ghcr.io/example/train:1 " +
        '--queue team-a --runtime torch-distributed --install\nx'
    );
    const parts = parseCell(cell);
    expect({ ...EMPTY_FORM, ...parts.form }).toEqual(form);
    // What only the cluster knows would send it there again.
    expect(toCell({ ...form, on: 'local' }, parts)).toBe('%%train --on local --gpus 2\nx');
  });

  it.each(['--nodes 2', '--image a/b', '--gpus "2 x A100"', '--install'])(
    'means the cluster by %s',
    options => {
      expect(parseCell(`%%train ${options}\nx`).form.on).toBe('cluster');
    }
  );

  it('is not mistaken for another one', () => {
    expect(parseCell('%%trainer\nx').code).toBe('%%trainer\nx');
  });
});
