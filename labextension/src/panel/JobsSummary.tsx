import * as React from 'react';

import { useSignal } from '../components/hooks';
import { countJobs } from '../models/joborder';
import type { ITracksideModel } from '../tokens';

/** How many jobs run, beside the title of the section. */
export function JobsSummary(props: { model: ITracksideModel }): React.ReactElement {
  const { model } = props;
  const { trans } = model;
  useSignal(model.changed);
  const { running, queued } = countJobs(model.jobs.values());
  const parts = [
    running > 0 && trans.__('%1 running', running),
    queued > 0 && trans.__('%1 queued', queued)
  ];
  return <span className="jp-TracksideCount">{parts.filter(Boolean).join(' · ')}</span>;
}
