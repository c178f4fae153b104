import * as React from 'react';

import { useSignal } from '../../components/hooks';
import type { PipelinePlaces } from '../../models/pipelineplaces';

/** How many pipeline runs go on, beside the title of the section. */
export function PipelinesSummary(props: { places: PipelinePlaces }): React.ReactElement {
  const { places } = props;
  useSignal(places.changed);
  const { live } = places.lists.runs;
  return (
    <span className="jp-TracksideCount">
      {live > 0 && places.model.trans.__('%1 running', live)}
    </span>
  );
}
