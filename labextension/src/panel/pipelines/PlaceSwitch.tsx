import * as React from 'react';

import type { PipelinePlace } from '../../api/pipelineplace';
import type { PipelinePlaces } from '../../models/pipelineplaces';
import { Action, OpenArrow } from '../../shared/Action';

/** Chooses between the pipelines here and those of a KFP server, where there is one. */
export function PlaceSwitch(props: {
  places: PipelinePlaces;
  onPlace: (place: PipelinePlace) => void;
}): React.ReactElement | null {
  const { places, onPlace } = props;
  const { trans, kfp } = places.model;
  const { configured, host, ui, namespace } = kfp.status;
  if (!configured) {
    return null;
  }
  const choose = (place: PipelinePlace): void => {
    places.show(place);
    onPlace(place);
  };
  const isThere = places.shown === 'kfp';
  const about = namespace
    ? trans.__('Kubeflow Pipelines at %1, namespace %2', host, namespace)
    : trans.__('Kubeflow Pipelines at %1', host);
  return (
    <div className="jp-TracksidePipelines-places">
      <div role="group" aria-label={trans.__('Where pipelines are')}>
        <Action
          label={trans.__('Here')}
          title={trans.__('Pipelines on this Jupyter server')}
          pressed={!isThere}
          onClick={() => choose('here')}
        />
        <Action label={host} title={about} pressed={isThere} onClick={() => choose('kfp')} />
      </div>
      {isThere && ui && (
        <a
          className="jp-TracksideAction"
          href={ui}
          target="_blank"
          rel="noopener noreferrer"
          aria-label={trans.__('Open the pages of %1', host)}
        >
          {trans.__('KFP')}
          <OpenArrow />
        </a>
      )}
    </div>
  );
}
