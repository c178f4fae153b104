import * as React from 'react';

import { useSignal } from '../../components/hooks';
import type { PipelinePlaces } from '../../models/pipelineplaces';

/** How many pipeline runs go on, beside the title of the section. */
export function PipelinesSummary(props: { places: PipelinePlaces }): React.ReactElement {
  const { places } = props;
  useSignal(places.changed);
  const { trans, kfp } = places.model;
  const { live, place } = places.lists.runs;
  const isKnown = place === 'here' || !kfp.isAway;
  return (
    <span className="jp-TracksideCount">{isKnown && live > 0 && trans.__('%1 running', live)}</span>
  );
}
