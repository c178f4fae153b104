import type { AsyncBuffer, FileMetaData, RowGroup } from 'hyparquet';

import { type ITable, MAX_COLUMNS, MAX_ROWS } from './csv';

/** The most that is fetched of a file, whatever it holds. */
const MOST_BYTES = 32 * 2 ** 20;

/** The most that it may become when it is unpacked: a small file may claim to hold gigabytes. */
const MOST_UNPACKED = 128 * 2 ** 20;

/** What is shown of a Parquet file. */
export interface IParquetTable extends ITable {
  /** How many rows the file has. */
  total: number;
}

/**
 * The first rows of a Parquet file. Only the pages that hold them are fetched, where the server
 * gives parts of files; columns that would take too much are left out.
 */
export async function readParquet(file: AsyncBuffer): Promise<IParquetTable> {
  const { parquetMetadataAsync, parquetReadObjects } = await import('hyparquet');
  const metadata = await parquetMetadataAsync(file);
  const total = Number(metadata.num_rows);
  const all = columnNames(metadata);
  const columns = affordable(all.slice(0, MAX_COLUMNS), firstGroups(metadata));
  const rows =
    total > 0 && columns.length > 0
      ? await parquetReadObjects({
          file,
          metadata,
          columns,
          rowStart: 0,
          rowEnd: Math.min(total, MAX_ROWS)
        })
      : [];
  return {
    header: columns,
    rows: rows.map(row => columns.map(column => cellText(row[column]))),
    isCut: total > MAX_ROWS || columns.length < all.length,
    total
  };
}

/** The names of the columns at the top of the schema. */
function columnNames({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  let at = 1;
  const skip = (): void => {
    const children = schema[at]?.num_children ?? 0;
    at += 1;
    for (let child = 0; child < children; child++) {
      skip();
    }
  };
  while (at < schema.length) {
    names.push(schema[at].name);
    skip();
  }
  return names;
}

/** The groups of rows that hold the first rows. */
function firstGroups({ row_groups: groups }: FileMetaData): RowGroup[] {
  let rows = 0;
  return groups.filter(group => {
    const isIn = rows < MAX_ROWS;
    rows += Math.max(0, Number(group.num_rows));
    return isIn;
  });
}

/** As many of the columns as may be fetched and unpacked. */
export function affordable(columns: readonly string[], groups: readonly RowGroup[]): string[] {
  let left = MOST_BYTES;
  let room = MOST_UNPACKED;
  return columns.filter(name => {
    const parts = groups
      .flatMap(group => group.columns)
      .flatMap(({ meta_data: about }) => (about?.path_in_schema[0] === name ? about : []));
    const size = sum(parts.map(part => part.total_compressed_size));
    const unpacked = sum(parts.map(part => part.total_uncompressed_size));
    const isIn = size <= left && unpacked <= room;
    if (isIn) {
      left -= size;
      room -= unpacked;
    }
    return isIn;
  });
}

function sum(sizes: readonly bigint[]): number {
  return sizes.reduce((whole, size) => whole + Math.max(0, Number(size)), 0);
}

/** A value as a cell shows it. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) {
    return '';
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime())
      ? ''
      : value
          .toISOString()
          .replace('T', ' ')
          .replace(/\.000Z$|Z$/, '');
  }
  if (value instanceof Uint8Array) {
    return `${value.length} B`;
  }
  return typeof value === 'object'
    ? JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
    : String(value);
}

/** A file of which parts are fetched as they are needed. */
export function remoteFile(
  byteLength: number,
  fetchPart: (from: number, to: number) => Promise<Response>
): AsyncBuffer {
  let whole: ArrayBuffer | null = null;
  const fetchSlice = async (from: number, to: number): Promise<ArrayBuffer> => {
    if (whole) {
      return whole.slice(from, to);
    }
    const response = await fetchPart(from, to);
    if (response.status === 206) {
      return response.arrayBuffer();
    }
    if (byteLength > MOST_BYTES) {
      await response.body?.cancel();
      throw new PartsRefused();
    }
    whole = await response.arrayBuffer();
    return whole.slice(from, to);
  };
  let first: Promise<ArrayBuffer> | null = null;
  return {
    byteLength,
    slice: async (from, to = byteLength) => {
      if (!first) {
        first = fetchSlice(from, to);
        return first;
      }
      // The first answer says whether there are parts; a server that has none is asked once.
      await first;
      return fetchSlice(from, to);
    }
  };
}

/** The server gives only whole files, and this one is too large. */
export class PartsRefused extends Error {}
