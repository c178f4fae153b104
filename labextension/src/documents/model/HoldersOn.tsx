import * as React from 'react';

import { standingsOn } from './holders';
import type { ModelDocument } from './model';
import { useFetched } from '../run/hooks';
import { explain } from '../../api/request';

/** Says which versions were in production, in staging or had an alias at a moment that is chosen. */
export function HoldersOn(props: { document: ModelDocument }): JSX.Element {
  const { document } = props;
  const { trans, registryApi } = document.tracks;
  const [text, setText] = React.useState('');
  const time = text ? new Date(text).getTime() : NaN;
  const isAsked = Number.isFinite(time);
  const { value, error } = useFetched(
    // To the end of the minute that was chosen.
    async signal =>
      isAsked ? registryApi.holders(document.name, Math.max(0, time + 59_999), signal) : null,
    [document.name, time, document.history]
  );
  const found = value && standingsOn(value);
  return (
    <div className="jp-TracksideHolders">
      <label>
        {trans.__('In production on')}
        <input
          type="datetime-local"
          className="jp-TracksideInput"
          value={text}
          onChange={event => setText(event.target.value)}
        />
      </label>
      <div aria-live="polite">
        {isAsked && error !== null && <p>{explain(error, trans)}</p>}
        {isAsked && found && (
          <p>
            {found.production
              ? trans.__('v%1 was in production.', found.production)
              : document.since !== null && time < document.since
                ? trans.__('Nothing is known of that time.')
                : trans.__('Nothing was in production.')}{' '}
            {found.others.length > 0 &&
              trans.__(
                'Beside it: %1.',
                found.others.map(({ version, word }) => `v${version} ${word}`).join(', ')
              )}
          </p>
        )}
      </div>
    </div>
  );
}
