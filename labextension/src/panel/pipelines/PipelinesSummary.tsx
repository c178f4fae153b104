import * as React from 'react';

import { useSignal } from '../../components/hooks';
import type { PipelineRunsModel } from '../../models/pipelineruns';

/** How many pipeline runs go on, beside the title of the section. */
export function PipelinesSummary(props: { runs: PipelineRunsModel }): React.ReactElement {
  const { runs } = props;
  const { trans } = runs.model;
  useSignal(runs.changed);
  return (
    <span className="jp-TracksideCount">{runs.live > 0 && trans.__('%1 running', runs.live)}</span>
  );
}
