import * as React from 'react';

import type { IFailure } from '../../api/types';
import { tailLines } from '../log/lines';
import { LogText } from '../log/LogText';
import { useTrans } from '../trans-context';

/** The traceback of the user's code, as the job wrote it. */
export function Traceback(props: { failure: IFailure }): JSX.Element {
  const { failure } = props;
  const trans = useTrans();
  const lines = React.useMemo(
    () => tailLines(failure.traceback.trimEnd(), 400),
    [failure.traceback]
  );
  return (
    <div className="jp-TracksideCard-fold" role="region" aria-label={trans.__('Traceback')}>
      <pre className="jp-TracksideLog-text" tabIndex={0}>
        {lines.map((line, index) => (
          <div key={index}>
            <LogText line={line} />
          </div>
        ))}
      </pre>
      {failure.hint && <p className="jp-TracksideCard-hint">{failure.hint}</p>}
    </div>
  );
}
