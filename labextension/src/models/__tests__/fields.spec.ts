import { describe, expect, it } from 'vitest';

import { makeRun } from '../../__tests__/builders';
import { autoColumns, fieldsOf, fieldValue, orderClause, toFilter } from '../fields';

const runs = [
  makeRun('a', { 'system/cpu': 1, accuracy: 0.9, loss: 0.2 }, { lr: '0.1', seed: '1' }),
  makeRun('b', { loss: 0.3 }, { lr: '0.01', seed: '1' })
];

describe('the filter box', () => {
  it('takes MLflow’s grammar as it is', () => {
    for (const text of ['metrics.loss < 0.3', 'tags.team LIKE "v%"', "params.lr in ('1')"]) {
      expect(toFilter(` ${text} `)).toBe(text);
    }
  });

  it('looks for names when there is no comparison, whatever quotes are typed', () => {
    expect(toFilter("dig'its")).toBe("attributes.run_name ILIKE '%dig_its%'");
  });

  it('looks for names that hold words of the grammar', () => {
    expect(toFilter('trained in march')).toBe("attributes.run_name ILIKE '%trained in march%'");
    expect(toFilter('params.lr IS NULL')).toBe('params.lr IS NULL');
  });

  it('asks for everything when it is empty', () => {
    expect(toFilter('  ')).toBe('');
  });
});

describe('fields', () => {
  it('are sorted by in quotes, because names may hold anything', () => {
    expect(orderClause({ field: 'metrics.val loss', descending: true })).toBe(
      'metrics.`val loss` DESC'
    );
    expect(orderClause({ field: 'attributes.start_time', descending: false })).toBe(
      'attributes.start_time ASC'
    );
  });

  it('have values of their own kind, and nothing where a run lacks them', () => {
    expect(fieldValue(runs[0], 'metrics.accuracy')).toBe(0.9);
    expect(fieldValue(runs[0], 'params.lr')).toBe('0.1');
    expect(fieldValue(runs[0], 'attributes.status')).toBe('FINISHED');
    expect(fieldValue(runs[1], 'metrics.accuracy')).toBeNull();
  });

  it('are listed by how many runs have them', () => {
    expect(fieldsOf(runs, 'metrics')).toEqual([
      'metrics.loss',
      'metrics.accuracy',
      'metrics.system/cpu'
    ]);
  });
});

describe('columns that nobody chose', () => {
  it('are the loss and the param that differs', () => {
    expect(autoColumns(runs, 2)).toEqual(['metrics.loss', 'params.lr']);
  });

  it('prefer the main metric of the jobs', () => {
    expect(autoColumns(runs, 1, ['accuracy'])).toEqual(['metrics.accuracy']);
  });

  it('are more where there is room, those of the system last', () => {
    expect(autoColumns(runs, 8)).toEqual([
      'metrics.loss',
      'params.lr',
      'metrics.accuracy',
      'metrics.system/cpu'
    ]);
  });

  it('leave out a seed that is another one in each run', () => {
    const many = Array.from({ length: 8 }, (_, seed) =>
      makeRun(String(seed), {}, { seed: String(seed), lr: seed % 2 ? '0.1' : '0.01' })
    );
    expect(autoColumns(many, 1)).toEqual(['params.lr']);
  });

  it('are none without runs', () => {
    expect(autoColumns([], 4)).toEqual([]);
  });
});
