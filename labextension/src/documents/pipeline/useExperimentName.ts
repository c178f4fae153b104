import * as React from 'react';

import { placeOf } from '../../api/pipelineplace';
import type { ITracksideModel } from '../../tokens';

/** The name of an experiment, once it is known. */
export function useExperimentName(tracks: ITracksideModel, id: string | undefined): string {
  const [name, setName] = React.useState('');
  React.useEffect(() => {
    const abort = new AbortController();
    setName('');
    if (id) {
      const api = placeOf(id) === 'here' ? tracks.trackingApi : tracks.pipelinesApi;
      api.experiment(id, abort.signal).then(
        experiment => !abort.signal.aborted && setName(experiment.name),
        // Without its name the experiment is not shown.
        () => undefined
      );
    }
    return () => abort.abort();
  }, [tracks, id]);
  return name;
}
