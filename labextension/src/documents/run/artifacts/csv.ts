/** Most rows and columns that a table shows. */
export const MAX_ROWS = 500;
export const MAX_COLUMNS = 60;

/** A table as it was read. */
export interface ITable {
  header: string[];
  rows: string[][];
  /** Whether there is more than what is shown. */
  isCut: boolean;
}

/** Read comma- or tab-separated text as far as it is shown: quotes, doubled quotes, line ends in quotes. */
export function readCsv(text: string, separator: string, isWhole = true): ITable {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let isQuoted = false;
  let at = 0;
  const endRow = (): void => {
    row.push(field);
    rows.push(row);
    row = [];
    field = '';
  };
  for (; at < text.length && rows.length <= MAX_ROWS; at++) {
    const char = text[at];
    if (isQuoted) {
      if (char !== '"') {
        field += char;
      } else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else {
        isQuoted = false;
      }
    } else if (char === '"' && field === '') {
      isQuoted = true;
    } else if (char === separator) {
      row.push(field);
      field = '';
    } else if (char === '\n') {
      field = field.replace(/\r$/, '');
      endRow();
    } else {
      field += char;
    }
  }
  const isAtEnd = at >= text.length;
  if (isAtEnd && isWhole && (field || row.length > 0)) {
    endRow();
  }
  const [header = [], ...body] = rows;
  const isWide = rows.some(cells => cells.length > MAX_COLUMNS);
  return {
    header: header.slice(0, MAX_COLUMNS),
    rows: body.slice(0, MAX_ROWS).map(cells => cells.slice(0, MAX_COLUMNS)),
    isCut: !isAtEnd || !isWhole || isWide
  };
}
