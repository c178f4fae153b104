import * as React from 'react';

import { PopoverButton } from '../../components/Popover';
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
  const [filter, setFilter] = React.useState('');
  if (keys.length === 0) {
    return null;
  }
  const found = keys.filter(key => key.toLowerCase().includes(filter.toLowerCase()));
  return (
    <PopoverButton label={trans.__('Metrics')}>
      {() => (
        <div className="jp-TracksideChooser" role="group" aria-label={trans.__('Metrics')}>
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
    </PopoverButton>
  );
}
