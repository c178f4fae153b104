import * as React from 'react';

import { Action } from '../../shared/Action';
import type { ITracksideModel } from '../../tokens';

/** How many metrics are offered at once; the filter finds the others. */
const MOST = 60;

/** Chooses which metrics are columns. */
export function MetricChooser(props: {
  keys: readonly string[];
  chosen: readonly string[];
  onChoose: (chosen: string[]) => void;
  trans: ITracksideModel['trans'];
}): JSX.Element | null {
  const { keys, chosen, onChoose, trans } = props;
  const [isOpen, setOpen] = React.useState(false);
  const [filter, setFilter] = React.useState('');
  if (keys.length === 0) {
    return null;
  }
  const found = keys.filter(key => key.toLowerCase().includes(filter.toLowerCase()));
  return (
    <div
      className="jp-TracksideChooser"
      onKeyDown={event => {
        if (event.key === 'Escape' && isOpen) {
          event.stopPropagation();
          setOpen(false);
        }
      }}
      onBlur={event => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) {
          setOpen(false);
        }
      }}
    >
      <Action label={trans.__('Metrics')} expanded={isOpen} onClick={() => setOpen(!isOpen)} />
      {isOpen && (
        <div
          className="jp-TracksideChooser-list"
          role="group"
          tabIndex={-1}
          aria-label={trans.__('Metrics')}
        >
          {keys.length > 10 && (
            <input
              type="search"
              className="jp-TracksideInput"
              aria-label={trans.__('Filter metrics')}
              placeholder={trans.__('Filter…')}
              value={filter}
              onChange={event => setFilter(event.target.value)}
            />
          )}
          {found.slice(0, MOST).map(key => (
            <label key={key}>
              <input
                type="checkbox"
                checked={chosen.includes(key)}
                onChange={event =>
                  onChoose(
                    event.target.checked ? [...chosen, key] : chosen.filter(one => one !== key)
                  )
                }
              />
              {key}
            </label>
          ))}
        </div>
      )}
    </div>
  );
}
