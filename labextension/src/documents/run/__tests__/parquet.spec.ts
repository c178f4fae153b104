import { describe, expect, it } from 'vitest';

import type { RowGroup } from 'hyparquet';

import { affordable, cellText, PartsRefused, readParquet, remoteFile } from '../artifacts/parquet';

/** Written by pyarrow: three rows of id, name (one missing), when and vec (a list). */
const FILE = Uint8Array.from(
  atob(
    'UEFSMRUEFTAVLkwVBhUAEgAAGAQBAAkBPAIAAAAAAAAAAwAAAAAAAAAVABUUFRgsFQYVEBUGFQYcGAgDAAAAAAAA' +
      'ABgIAQAAAAAAAAAWACgIAwAAAAAAAAAYCAEAAAAAAAAAEREAAAAKJAIAAAAGAQIDJAAVBBUUFRhMFQQVABIAAAok' +
      'AQAAAGEBAAAAYhUAFRIVFiwVBhUQFQYVBhw2AigBYhgBYRERAAAACSACAAAAAwMBAwIVBBUQFRRMFQIVABIAAAgc' +
      'AKD3Y1xHBgAVABUSFRYsFQYVEBUGFQYcGAgAoPdjXEcGABgIAKD3Y1xHBgAWACgIAKD3Y1xHBgAYCACg92NcRwYA' +
      'EREAAAAJIAIAAAAGAQEGABUEFSAVJEwVBBUAEgAAEDwAAAAAAAD4PwAAAAAAAARAFQAVIBUkLBUGFRAVBhUGHBgI' +
      'AAAAAAAABEAYCAAAAAAAAPg/FgIoCAAAAAAAAARAGAgAAAAAAAD4PxERAAAAEDwCAAAABgADAAAAAx8AAQMCFQQZ' +
      'fDUAGAZzY2hlbWEVCAAVBCUCGAJpZAAVDCUCGARuYW1lJQBMHAAAABUEJQIYBHdoZW4lFEyMEhwsAAAAAAA1AhgD' +
      'dmVjFQIVBkw8AAAANQQYBGxpc3QVAgAVCiUCGAdlbGVtZW50ABYGGRwZTCYAHBUEGTUABhAZGAJpZBUCFgYW3gEW' +
      '4AEmUiYIHBgIAwAAAAAAAAAYCAEAAAAAAAAAFgAoCAMAAAAAAAAAGAgBAAAAAAAAABERABksFQQVABUCABUAFRAV' +
      'AgA8KQYZJgAGAAAAJgAcFQwZNQAGEBkYBG5hbWUVAhYGFnwWhAEmnAIm6AEcNgIoAWIYAWEREQAZLBUEFQAVAgAV' +
      'ABUQFQIAPBYEGQYZJgIEAAAAJgAcFQQZNQAGEBkYBHdoZW4VAhYGFrwBFsQBJpwDJuwCHBgIAKD3Y1xHBgAYCACg' +
      '92NcRwYAFgAoCACg92NcRwYAGAgAoPdjXEcGABERABksFQQVABUCABUAFRAVAgA8KQYZJgAGAAAAJgAcFQoZNQAG' +
      'EBk4A3ZlYwRsaXN0B2VsZW1lbnQVAhYGFtoBFuIBJvAEJrAEHBgIAAAAAAAABEAYCAAAAAAAAPg/FgIoCAAAAAAA' +
      'AARAGAgAAAAAAAD4PxERABksFQQVABUCABUAFRAVAgA8KSYGABlGAAIABAAAABbwBRYGJggWigYAKCBwYXJxdWV0' +
      'LWNwcC1hcnJvdyB2ZXJzaW9uIDI1LjAuMRlMHAAAHAAAHAAAHAAAADsCAABQQVIx'
  ),
  char => char.charCodeAt(0)
);

function serve(hasParts: boolean): { fetch: Parameters<typeof remoteFile>[1]; sent: () => number } {
  let sent = 0;
  return {
    sent: () => sent,
    fetch: async (from, to) => {
      const body = hasParts ? FILE.slice(from, to) : FILE;
      sent += body.length;
      // Bytes of this page: a response of Node's has some that no module in it knows for bytes.
      const arrayBuffer = async () => Uint8Array.from(body).buffer;
      return Object.assign(new Response(body, { status: hasParts ? 206 : 200 }), { arrayBuffer });
    }
  };
}

describe('a Parquet file', () => {
  it('shows its first rows, with lists, times and what is missing', async () => {
    const { fetch } = serve(true);
    const table = await readParquet(remoteFile(FILE.length, fetch));
    expect(table.header).toEqual(['id', 'name', 'when', 'vec']);
    expect(table.rows).toEqual([
      ['1', 'a', '2026-01-02 00:00:00', '[1.5]'],
      ['2', 'b', '2026-01-02 00:00:00', '[2.5]'],
      ['3', '', '2026-01-02 00:00:00', '[]']
    ]);
    expect([table.total, table.isCut]).toEqual([3, false]);
  });

  it('is fetched once from a server that gives only whole files', async () => {
    const { fetch, sent } = serve(false);
    expect((await readParquet(remoteFile(FILE.length, fetch))).rows).toHaveLength(3);
    expect(sent()).toBe(FILE.length);
  });

  it('is fetched once although two parts are wanted at the same time', async () => {
    const { fetch, sent } = serve(false);
    const file = remoteFile(FILE.length, fetch);
    const parts = await Promise.all([file.slice(0, 4), file.slice(FILE.length - 4)]);
    expect(parts.map(part => new TextDecoder().decode(part))).toEqual(['PAR1', 'PAR1']);
    expect(sent()).toBe(FILE.length);
  });

  it('shows no column that is small and claims to hold gigabytes', () => {
    const group = (name: string, packed: number, unpacked: number): RowGroup =>
      ({
        columns: [
          {
            meta_data: {
              path_in_schema: [name],
              total_compressed_size: BigInt(packed),
              total_uncompressed_size: BigInt(unpacked)
            }
          }
        ]
      }) as unknown as RowGroup;
    const groups = [group('bomb', 1000, 2 ** 32), group('id', 10, 20), group('blob', 2 ** 28, 10)];
    expect(affordable(['bomb', 'id', 'blob'], groups)).toEqual(['id']);
  });

  it('is not fetched whole when it is large', async () => {
    const { fetch } = serve(false);
    await expect(readParquet(remoteFile(10 ** 9, fetch))).rejects.toThrow(PartsRefused);
  });
});

describe('a cell', () => {
  it('shows what JSON does not know', () => {
    expect(cellText(2n ** 60n)).toBe('1152921504606846976');
    expect(cellText({ a: 1n })).toBe('{"a":"1"}');
    expect(cellText(new Uint8Array(3))).toBe('3 B');
  });
});
