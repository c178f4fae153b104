import { describe, expect, it } from 'vitest';

import { serveWith } from '../../../__tests__/server';
import { JobsApi } from '../../../api/jobs';
import { Finder } from '../matches';
import { MAX_HITS, scanLog, type IScan } from '../scan';

async function scan(text: string, query: string): Promise<IScan[]> {
  const bytes = new TextEncoder().encode(text);
  const { settings } = serveWith(({ query: asked }) => {
    const offset = Number(asked.get('offset'));
    // Small pieces, and the server moves to where a character begins.
    let next = Math.min(bytes.length, offset + 50);
    while (next < bytes.length && (bytes[next] & 0xc0) === 0x80) {
      next += 1;
    }
    const data = new TextDecoder().decode(bytes.subarray(offset, next));
    return { body: { offset, next_offset: next, size: bytes.length, data, complete: true } };
  });
  const told: IScan[] = [];
  const { signal } = new AbortController();
  await scanLog(new JobsApi(settings), 'j1', new Finder(query), signal, scan => told.push(scan));
  return told;
}

function offsets(text: string, needle: string): number[] {
  const encoder = new TextEncoder();
  let at = 0;
  return text.split(/(?<=\n)/).flatMap(line => {
    const here = at;
    at += encoder.encode(line).length;
    return line.includes(needle) ? [here] : [];
  });
}

describe('a search through a whole log', () => {
  it('finds each line once, wherever the pieces were cut', async () => {
    const text = Array.from({ length: 60 }, (_, at) =>
      at % 7 === 3 ? `é needle ${at} needle\n` : `漢 ${'.'.repeat(at)}\n`
    ).join('');
    const told = await scan(text, 'needle');
    const last = told[told.length - 1];
    expect(last.done).toBe(true);
    expect(last.hits).toEqual(offsets(text, 'needle'));
    expect(told[0].fraction).toBeLessThan(1);
  });

  it('sees what a terminal would show', async () => {
    const text = 'nothing\n\x1b[31mnee\x1b[0mdle\nneedle\rcovered\nend';
    expect((await scan(text, 'needle')).pop()!.hits).toEqual([8]);
  });

  it('ends when there is more than anybody would look at', async () => {
    const told = await scan('x\n'.repeat(MAX_HITS * 2), 'x');
    expect(told.pop()!.hits).toHaveLength(MAX_HITS);
  });
});
