import type { IListOrder } from '../../labextension/src/shared/runs/rows';

/** What a list is sorted by first, read out of a clause such as ``metrics.`a b` DESC``. */
export function orderOf(clauses: readonly string[]): IListOrder | null {
  const found = /^\s*(\w+)\.(?:`(.+)`|(\S+))\s*(asc|desc)?\s*$/i.exec(clauses[0] ?? '');
  return (
    found && {
      column: `${found[1]}.${found[2] ?? found[3]}`,
      descending: found[4]?.toLowerCase() === 'desc'
    }
  );
}

/** The clause that sorts by a column. */
export function orderText({ column, descending }: IListOrder): string {
  const dot = column.indexOf('.');
  const kind = column.slice(0, dot);
  const key = column.slice(dot + 1);
  const name = kind === 'attributes' ? key : `\`${key}\``;
  return `${kind}.${name} ${descending ? 'DESC' : 'ASC'}`;
}
