import { describe, expect, it } from 'vitest';

import type { ICurve } from '../../shared/chart/curve';
import { fileName } from '../../shared/download';
import { chartCsv, chartSnippet } from '../export';
import { toggled } from '../Legend';
import { legendRows } from '../picture';

function curve(values: number[], change: Partial<ICurve> = {}): ICurve {
  const points = values.map((value, step) => ({ step, timestamp: 1000 * step, value }));
  return { id: 'r1', label: 'one', colour: 1, start: 0, points, ...change };
}

describe('the data of a chart', () => {
  it('are what is shown, with what is no number', () => {
    expect(chartCsv('loss', [curve([1, NaN, Number.MAX_VALUE])], 'step', [1, 2])).toBe(
      'run_id,run,metric,step,timestamp,value\n' +
        'r1,one,loss,1,1970-01-01T00:00:01.000Z,NaN\n' +
        'r1,one,loss,2,1970-01-01T00:00:02.000Z,inf\n'
    );
  });

  it('hold no name that a spreadsheet would calculate or that breaks a row', () => {
    const csv = chartCsv('a,b', [curve([1], { label: '=HYPERLINK("x")' })], 'step', null);
    expect(csv).toContain(`r1,"'=HYPERLINK(""x"")","a,b",0,`);
  });

  it('are fetched whole by code in which names are quoted', () => {
    const code = chartSnippet('lo"ss', ['r1', 'r2']);
    expect(code).toContain('runs = ["r1", "r2"]');
    expect(code).toContain('client.get_metric_history(run, "lo\\"ss")');
  });
});

describe('the picture of a chart', () => {
  it('has its legend in as many rows as it needs', () => {
    const rows = legendRows([60, 60, 60], 130);
    expect(rows.map(row => row.map(key => key.at))).toEqual([[0, 1], [2]]);
    expect(rows[0][1].left).toBe(60);
  });

  it('has a name that every file system takes', () => {
    expect(fileName('../val/lo ss', 'png')).toBe('val-lo-ss.png');
    expect(fileName('///', 'csv')).toBe('trackside.csv');
  });
});

describe('the legend', () => {
  it('hides and shows a run', () => {
    expect([...toggled(new Set(), 'a', null)]).toEqual(['a']);
    expect([...toggled(new Set(['a']), 'a', null)]).toEqual([]);
  });

  it('shows a run alone, and all again', () => {
    const all = ['a', 'b', 'c'];
    const alone = toggled(new Set(['b']), 'b', all);
    expect([...alone]).toEqual(['a', 'c']);
    expect([...toggled(alone, 'b', all)]).toEqual([]);
  });
});
