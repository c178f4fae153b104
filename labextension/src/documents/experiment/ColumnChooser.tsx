import * as React from 'react';

import type { IRunKeys } from '../../api/table';
import { type Field, splitField } from '../../models/fields';
import { NAME, toggled } from './columns';
import type { ITableContext } from './context';
import { ATTRIBUTE_COLUMNS, heading } from './words';

/** How many names are listed before one has to search. */
const LISTED = 60;
const PAUSE = 250;

/** Chooses the columns among all that the runs have. */
export function ColumnChooser(props: ITableContext): JSX.Element {
  const { table } = props;
  const { trans } = table.tracks;
  const [search, setSearch] = React.useState('');
  const keys = useKeys(table, search.trim());
  const { columns } = table;
  const chosen = new Set(columns.map(({ field }) => field));
  const words = search.trim().toLowerCase();
  const groups = groupsOf(keys, [...chosen]);
  const labels: Record<string, string> = {
    metrics: trans.__('Metrics'),
    params: trans.__('Params'),
    tags: trans.__('Tags'),
    attributes: trans.__('Run'),
    curves: trans.__('Curves')
  };
  const setMany = (fields: readonly Field[], isOn: boolean): void =>
    table.setColumns(
      isOn
        ? [...columns, ...fields.filter(field => !chosen.has(field)).map(field => ({ field }))]
        : columns.filter(({ field }) => !fields.includes(field))
    );
  return (
    <div className="jp-TracksideTableMenu jp-mod-columns">
      <div className="jp-TracksideTableMenu-top">
        <input
          type="search"
          data-first
          className="jp-TracksideInput"
          placeholder={trans.__('Find a column…')}
          aria-label={trans.__('Find a column')}
          value={search}
          onChange={event => setSearch(event.target.value)}
        />
        {table.view.columns !== null && (
          <button
            type="button"
            className="jp-TracksideLink"
            onClick={() => table.setView({ columns: null })}
          >
            {trans.__('Choose for me')}
          </button>
        )}
      </div>
      <div className="jp-TracksideTableMenu-list">
        {groups.map(([kind, fields]) => {
          const found = fields.filter(field => heading(field, trans).toLowerCase().includes(words));
          const isAll = found.length > 0 && found.every(field => chosen.has(field));
          return (
            found.length > 0 && (
              <fieldset key={kind}>
                <legend>
                  {labels[kind]}{' '}
                  <button
                    type="button"
                    className="jp-TracksideLink"
                    aria-label={
                      isAll
                        ? trans.__('Hide all of %1', labels[kind])
                        : trans.__('Show all of %1', labels[kind])
                    }
                    onClick={() => setMany(found, !isAll)}
                  >
                    {isAll ? trans.__('none') : trans.__('all %1', found.length)}
                  </button>
                </legend>
                {found.slice(0, LISTED).map(field => (
                  <label key={field} title={splitField(field).key}>
                    <input
                      type="checkbox"
                      checked={chosen.has(field)}
                      onChange={() => table.setColumns(toggled(columns, field))}
                    />
                    <span>{heading(field, trans)}</span>
                  </label>
                ))}
                {found.length > LISTED && (
                  <p>{trans._n('and %1 more', 'and %1 more', found.length - LISTED)}</p>
                )}
              </fieldset>
            )
          );
        })}
      </div>
    </div>
  );
}

/** The names that are known, and with too many of them those that are looked for. */
function useKeys(table: ITableContext['table'], search: string): IRunKeys | null {
  const [found, setFound] = React.useState<IRunKeys | null>(null);
  const isTruncated = table.keys?.truncated ?? true;
  React.useEffect(() => {
    if (!search || !isTruncated) {
      setFound(null);
      return undefined;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      table.api
        .keys(table.experimentIds, search, 200, abort.signal)
        .then(setFound, () => undefined);
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [table, search, isTruncated]);
  return found ?? table.keys;
}

function groupsOf(keys: IRunKeys | null, chosen: readonly Field[]): [string, Field[]][] {
  // What is chosen stays in the list even when no run has it any more.
  const group = (kind: string, names: readonly string[]): [string, Field[]] => [
    kind,
    [
      ...new Set([
        ...names.map(name => `${kind}.${name}`),
        ...chosen.filter(field => splitField(field).kind === kind)
      ])
    ].filter(field => field !== NAME)
  ];
  const tags = [...(keys?.tags ?? [])].sort(
    (a, b) => Number(isInternal(a)) - Number(isInternal(b))
  );
  return [
    group('metrics', keys?.metrics ?? []),
    group('params', keys?.params ?? []),
    group(
      'attributes',
      ATTRIBUTE_COLUMNS.map(field => splitField(field).key)
    ),
    group('tags', tags),
    group('curves', keys?.metrics ?? [])
  ];
}

function isInternal(tag: string): boolean {
  return /^(mlflow|trackside)\./.test(tag);
}
