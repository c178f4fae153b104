import * as React from 'react';

import { LogView } from '../../components/logs/LogView';
import type { IRunContext } from './context';

/** The third tab: what the job printed. */
export function LogsTab(props: IRunContext): JSX.Element {
  const { job, run, tracks } = props.run;
  if (job) {
    return <LogView model={tracks} job={job.job_id} />;
  }
  return run ? (
    <p className="jp-TracksideDoc-note">
      {tracks.trans.__(
        'No job stands behind this run, so there is no log. What “%1” or “%2” starts has one.',
        '%%train',
        'trackside.submit()'
      )}
    </p>
  ) : (
    <></>
  );
}
