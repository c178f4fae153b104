import * as React from 'react';

import { RankChooser } from '../../components/logs/RankChooser';
import { LogView } from '../../components/logs/LogView';
import type { IRunContext } from './context';

/** The third tab: what the job printed. */
export function LogsTab(props: IRunContext): JSX.Element {
  const { run: document } = props;
  const { job, run, rank, tracks } = document;
  if (job) {
    const ranks = job.cluster?.ranks ?? [];
    return (
      <LogView
        model={tracks}
        job={job.job_id}
        rank={rank || undefined}
        chooser={
          ranks.length > 1 && (
            <RankChooser
              ranks={ranks}
              rank={rank}
              onRank={chosen => {
                document.rank = chosen;
              }}
            />
          )
        }
      />
    );
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
