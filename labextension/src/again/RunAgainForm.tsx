import * as React from 'react';

import type { IUnpinned } from '../api/types';
import type { ITrans } from '../shared/trans';

/** What would not be as it was, and fields for what has to be given again. */
export function RunAgainForm(props: {
  unpinned: readonly IUnpinned[];
  secrets: readonly string[];
  onSecret: (name: string, value: string) => void;
  trans: ITrans;
}): JSX.Element {
  const { unpinned, secrets, onSecret, trans } = props;
  return (
    <div className="jp-TracksideAgain">
      <p>{trans.__('The same code runs with the same params and resources. This may differ:')}</p>
      <ul>
        {unpinned.map(({ code, message }) => (
          <li key={code}>{message}</li>
        ))}
      </ul>
      {secrets.map(name => (
        <label key={name}>
          {name}
          <input
            type="password"
            className="jp-TracksideInput"
            autoComplete="off"
            onChange={event => onSecret(name, event.target.value)}
          />
        </label>
      ))}
    </div>
  );
}
