import { addIcon, closeIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { IconButton } from '../components/IconButton';
import type { IParamRow, ITarget } from './form';

/** The params: those that the file declares, and more. */
export function Params(props: {
  rows: readonly IParamRow[];
  target: ITarget;
  mistake?: string;
  onChange: (rows: IParamRow[]) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { rows, target, mistake, onChange, trans } = props;
  const set = (index: number, change: Partial<IParamRow>): void =>
    onChange(rows.map((row, at) => (at === index ? { ...row, ...change } : row)));
  return (
    <fieldset className="jp-TracksideParams">
      <legend>{trans.__('Params')}</legend>
      {rows.length === 0 && <small>{emptyText(target, trans)}</small>}
      {rows.map((row, index) => {
        const isAdded = row.initial === null;
        return (
          <div
            key={isAdded ? `added ${index}` : row.name}
            className="jp-TracksideParams-row"
            title={row.help}
          >
            {isAdded ? (
              <input
                className="jp-TracksideInput"
                aria-label={trans.__('Name of the param')}
                placeholder={trans.__('name')}
                value={row.name}
                autoFocus={row.name === '' && row.value === ''}
                spellCheck={false}
                onChange={event => set(index, { name: event.target.value })}
              />
            ) : (
              <span className="jp-TracksideParams-name">{row.name}</span>
            )}
            <input
              className="jp-TracksideInput"
              aria-label={trans.__('Value of %1', row.name)}
              placeholder={row.initial || trans.__('value')}
              value={row.value}
              spellCheck={false}
              onChange={event => set(index, { value: event.target.value })}
            />
            {isAdded ? (
              <IconButton
                icon={closeIcon}
                label={trans.__('Remove %1', row.name)}
                onClick={() => onChange(rows.filter((_, at) => at !== index))}
              />
            ) : (
              <span />
            )}
          </div>
        );
      })}
      {mistake && <small className="jp-mod-mistake">{mistake}</small>}
      <button
        type="button"
        className="jp-TracksideLink"
        onClick={() => onChange([...rows, { name: '', value: '', initial: null }])}
      >
        <addIcon.react tag={null} width="12px" height="12px" aria-hidden />
        {trans.__('Add a param')}
      </button>
    </fieldset>
  );
}

function emptyText(target: ITarget, trans: TranslationBundle): string {
  switch (target.kind) {
    case 'cell':
      return trans.__('Params are variables of the cell.');
    case 'notebook':
      return trans.__('Tag a cell “parameters” to set its variables here.');
    case 'script':
      return trans.__('Params reach the script as --name value.');
  }
}
