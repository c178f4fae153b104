import { describe, expect, it } from 'vitest';

import { MAX_ROWS, readCsv } from '../artifacts/csv';
import { kindOf, mediaType, shownName } from '../artifacts/kinds';
import { readBeginning, toText } from '../artifacts/read';
import { downloadSnippet } from '../snippet';

describe('an artifact', () => {
  it('is shown by what its name ends in', () => {
    expect(kindOf('plots/a.PNG')).toBe('image');
    expect(kindOf('a.csv')).toBe('table');
    expect(kindOf('model/MLmodel')).toBe('text');
    expect(kindOf('model.pkl')).toBe('none');
    expect(kindOf('said.wav')).toBe('audio');
    expect(kindOf('eval.parquet')).toBe('parquet');
    expect(kindOf('report.html')).toBe('html');
    expect(kindOf('.png')).toBe('text');
  });

  it('gets the type of an image or a sound from us, never a page', () => {
    expect(mediaType('a.svg')).toBe('image/svg+xml');
    expect(mediaType('a.html')).toBe('application/octet-stream');
  });

  it('has a name that cannot reorder or hide what stands around it', () => {
    expect(shownName('a\u202egpj.exe\n')).toBe('a\ufffdgpj.exe\ufffd');
  });

  it('is fetched by code in which its name is quoted', () => {
    const code = downloadSnippet('r1', 'a"\\\n); import os #é');
    expect(code).toContain('artifact_path="a\\"\\\\\\n); import os #\\u00e9")');
    expect(code.split('\n')).toHaveLength(3);
  });
});

describe('reading an artifact', () => {
  it('stops at the limit and says so', async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: controller => {
        sent += 1;
        controller.enqueue(new Uint8Array(1000).fill(65));
      }
    });
    const { bytes, isWhole } = await readBeginning(new Response(endless), 2500);
    expect(bytes).toHaveLength(2500);
    expect(isWhole).toBe(false);
    expect(sent).toBeLessThan(10);
  });

  it('gives all of what is small', async () => {
    const { bytes, isWhole } = await readBeginning(new Response('text'), 100);
    expect(toText(bytes)).toBe('text');
    expect(isWhole).toBe(true);
  });

  it('does not take bytes for text', () => {
    expect(toText(new Uint8Array([80, 75, 0, 3]))).toBeNull();
  });
});

describe('a table', () => {
  it('is read with quotes, doubled quotes and line ends in quotes', () => {
    expect(readCsv('a,b\r\n1,"x, ""y""\nz"\r\n', ',')).toEqual({
      header: ['a', 'b'],
      rows: [['1', 'x, "y"\nz']],
      isCut: false
    });
  });

  it('is cut where it gets long or wide', () => {
    const long = `a\n${'1\n'.repeat(MAX_ROWS * 2)}`;
    expect(readCsv(long, ',').rows).toHaveLength(MAX_ROWS);
    expect(readCsv(long, ',').isCut).toBe(true);
    expect(readCsv(`${'x,'.repeat(500)}\n`, ',').header.length).toBeLessThan(100);
  });

  it('leaves out a last row that may be incomplete', () => {
    expect(readCsv('a,b\n1,2\n3,', ',', false).rows).toEqual([['1', '2']]);
  });
});
