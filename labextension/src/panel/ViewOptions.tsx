import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IRun } from '../api/types';
import { ATTRIBUTES, type Field, fieldsOf, type IOrder, splitField } from '../models/fields';
import type { IRunsView } from '../models/view';
import { fieldLabel } from './fieldwords';

/** How many names are listed before one has to search. */
const LISTED = 60;

/** Columns that every row shows anyway. */
const FIXED = new Set(['attributes.run_name', 'attributes.start_time']);

/** Chooses the columns and the order. */
export function ViewOptions(props: {
  runs: readonly IRun[];
  view: IRunsView;
  /** The columns that are shown now. */
  columns: readonly Field[];
  onChange: (change: Partial<IRunsView>) => void;
  onClose: () => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { runs, view, columns, onChange, onClose, trans } = props;
  const [search, setSearch] = React.useState('');
  const first = React.useRef<HTMLInputElement>(null);
  React.useEffect(() => first.current?.focus(), []);

  const groups = fieldGroups(runs, columns, view.order, trans);
  const matches = (field: Field): boolean =>
    fieldLabel(field, trans).toLowerCase().includes(search.trim().toLowerCase());
  const toggle = (field: Field): void =>
    onChange({
      columns: columns.includes(field)
        ? columns.filter(column => column !== field)
        : [...columns, field]
    });

  return (
    <div
      className="jp-TracksideOptions"
      role="group"
      aria-label={trans.__('Columns and order')}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          onClose();
        }
      }}
    >
      <div className="jp-TracksideOptions-order">
        <label>
          {trans.__('Sort by')}
          <select
            className="jp-TracksideSelect"
            value={view.order.field}
            onChange={event => onChange({ order: { ...view.order, field: event.target.value } })}
          >
            {groups.map(({ label, fields }) => (
              <optgroup key={label} label={label}>
                {fields.map(field => (
                  <option key={field} value={field}>
                    {fieldLabel(field, trans)}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        </label>
        <select
          className="jp-TracksideSelect"
          aria-label={trans.__('Direction')}
          value={view.order.descending ? 'down' : 'up'}
          onChange={event =>
            onChange({ order: { ...view.order, descending: event.target.value === 'down' } })
          }
        >
          <option value="down">{trans.__('descending')}</option>
          <option value="up">{trans.__('ascending')}</option>
        </select>
      </div>
      <div className="jp-TracksideOptions-search">
        <input
          ref={first}
          type="search"
          className="jp-TracksideInput"
          placeholder={trans.__('Find a column…')}
          aria-label={trans.__('Find a column')}
          value={search}
          onChange={event => setSearch(event.target.value)}
        />
        {view.columns !== null && (
          <button className="jp-TracksideLink" onClick={() => onChange({ columns: null })}>
            {trans.__('Choose for me')}
          </button>
        )}
      </div>
      <div className="jp-TracksideOptions-list">
        {groups.map(({ label, fields }) => {
          const found = fields.filter(field => !FIXED.has(field) && matches(field));
          return (
            found.length > 0 && (
              <fieldset key={label}>
                <legend>{label}</legend>
                {found.slice(0, LISTED).map(field => (
                  <label key={field} title={splitField(field).key}>
                    <input
                      type="checkbox"
                      checked={columns.includes(field)}
                      onChange={() => toggle(field)}
                    />
                    <span>{fieldLabel(field, trans)}</span>
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

function fieldGroups(
  runs: readonly IRun[],
  columns: readonly Field[],
  order: IOrder,
  trans: TranslationBundle
): { label: string; fields: Field[] }[] {
  const chosen = [...columns, order.field];
  const group = (
    label: string,
    kind: string,
    known: Field[]
  ): { label: string; fields: Field[] } => ({
    label,
    // What is chosen stays in the list even when no run that is shown has it.
    fields: [...new Set([...known, ...chosen.filter(field => splitField(field).kind === kind)])]
  });
  return [
    group(trans.__('Metrics'), 'metrics', fieldsOf(runs, 'metrics')),
    group(trans.__('Params'), 'params', fieldsOf(runs, 'params')),
    group(trans.__('Run'), 'attributes', ATTRIBUTES)
  ].filter(({ fields }) => fields.length > 0);
}
