import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IPreview } from '../api/types';
import { size } from '../shared/format';
import type { ITarget } from './form';

/** How many files are listed. */
const LISTED = 200;

/** What the job takes along, and what it cannot. */
export function Travels(props: {
  preview: IPreview | null;
  error: string;
  target: ITarget;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { preview, error, target, trans } = props;
  if (target.kind === 'cell') {
    return (
      <p className="jp-TracksideTravels">
        {trans.__(
          'The job takes along the names that the cell uses, local modules and the files it opens. The kernel says what cannot travel.'
        )}
      </p>
    );
  }
  if (error) {
    return (
      <p className="jp-TracksideNotice jp-mod-alert" role="status">
        {error}
      </p>
    );
  }
  if (!preview) {
    return null;
  }
  const { files, refused, notes } = preview;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  return (
    <div className="jp-TracksideTravels">
      <details>
        <summary>
          {trans._n(
            'Takes along %1 file, %2: a copy as it is now',
            'Takes along %1 files, %2: a copy as they are now',
            files.length,
            size(total)
          )}
        </summary>
        <ul>
          {files.slice(0, LISTED).map(file => (
            <li key={file.path}>
              <span>{file.path}</span>
              <span>{size(file.size)}</span>
            </li>
          ))}
        </ul>
        {files.length > LISTED && (
          <p>{trans._n('and %1 more', 'and %1 more', files.length - LISTED)}</p>
        )}
      </details>
      {notes?.map(note => (
        <p key={note}>{note}</p>
      ))}
      {refused.length > 0 && (
        <div className="jp-TracksideNotice jp-mod-alert" role="status">
          <p>{trans.__('This cannot travel:')}</p>
          <ul>
            {refused.map(item => (
              <li key={item.name}>
                <code>{item.name}</code> {[item.why, item.hint].filter(Boolean).join(' ')}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
