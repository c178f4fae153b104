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

  it('is not mistaken for another one', () => {
    expect(parseCell('%%trainer\nx').code).toBe('%%trainer\nx');
  });
});
