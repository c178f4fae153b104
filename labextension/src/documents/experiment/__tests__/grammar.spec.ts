import { describe, expect, it } from 'vitest';

import { completed, fieldOf, isWhole, quotedText, spotAt, written } from '../grammar';
import { namesIn, operatorsOf } from '../suggest';
import { tableSnippet } from '../snippet';

/** What may stand where the bar is. */
function at(marked: string): ReturnType<typeof spotAt> {
  const cursor = marked.indexOf('|');
  return spotAt(marked.replace('|', ''), cursor);
}

describe('What may come next in a filter', () => {
  it.each([
    ['|', 'key', null, ''],
    ['metrics.lo|', 'key', null, 'metrics.lo'],
    ['metrics.loss |', 'operator', 'metrics.loss', ''],
    ['metrics.loss <|', 'value', 'metrics.loss', ''],
    ['params.lr = |', 'value', 'params.lr', ''],
    ["params.lr = '0.|", 'value', 'params.lr', "'0."],
    ["params.lr = '0.1' |", 'join', 'params.lr', ''],
    ["params.lr = '0.1' AND |", 'key', null, ''],
    ['metrics.`val loss` |', 'operator', 'metrics.val loss', ''],
    ["(tags.team IN ('a', |", 'value', 'tags.team', ''],
    ["(tags.team IN ('a') |", 'join', 'tags.team', ''],
    ['params.lr IS NOT NULL |', 'join', 'params.lr', ''],
    ['NOT st|', 'key', null, 'st'],
    ['status L|', 'operator', 'attributes.status', 'L']
  ])('%s', (text, expected, field, typed) => {
    const spot = at(text);
    expect([spot.expected, spot.expected === 'key' ? null : spot.field, spot.typed]).toEqual([
      expected,
      field,
      typed
    ]);
  });

  it('takes the place of what was typed, and the cursor goes behind it', () => {
    const text = 'metrics.lo < 1';
    const [next, cursor] = completed(text, spotAt(text, 10), 'metrics.loss');
    expect(next).toBe('metrics.loss < 1');
    expect(next.slice(0, cursor)).toBe('metrics.loss');
  });

  it('names what the runs have, quoted where it has to be', () => {
    const keys = {
      metrics: ['loss', 'val loss'],
      params: ['lr'],
      tags: ['team'],
      truncated: false
    };
    expect(namesIn(keys, 'lo')).toEqual(['metrics.loss', 'metrics.`val loss`']);
    expect(namesIn(keys, 'params.')).toEqual(['params.lr']);
    expect(operatorsOf('metrics.loss')).toContain('<');
    expect(operatorsOf('params.lr')).not.toContain('<');
  });
});

describe('A filter', () => {
  it('is asked only when it is whole', () => {
    expect(isWhole('')).toBe(true);
    expect(isWhole("params.lr = '0.1'")).toBe(true);
    expect(isWhole('metrics.loss <')).toBe(false);
    expect(isWhole("params.lr = '0.1")).toBe(false);
    expect(isWhole("params.lr = '0.1' and")).toBe(false);
  });

  it('writes names and values so that they are read again', () => {
    expect(fieldOf(written('metrics.a b/c'))).toBe('metrics.a b/c');
    expect(fieldOf('param.lr')).toBe('params.lr');
    expect(quotedText("it's")).toBe('"it\'s"');
    expect(quotedText(`'"`)).toBe(`'''"'`);
  });
});

describe('The Python of a table', () => {
  it('asks the same question and gives the same columns', () => {
    const code = tableSnippet({
      question: {
        experiment_ids: ['1'],
        filter: "params.lr = '0.1'",
        order_by: ['metrics.`loss` ASC'],
        view: 'ACTIVE_ONLY'
      },
      experiments: ['digits'],
      columns: ['attributes.start_time', 'metrics.loss', 'curves.loss'],
      total: 12
    });
    expect(code).toBe(
      [
        'import trackside',
        '',
        'runs = trackside.runs(',
        '    ["digits"],',
        `    "params.lr = '0.1'",`,
        '    order_by=["metrics.`loss` ASC"],',
        '    max_results=12,',
        ')',
        'runs = runs.reindex(columns=["name", "started", "metrics.loss", "run_id"])'
      ].join('\n')
    );
  });
});
