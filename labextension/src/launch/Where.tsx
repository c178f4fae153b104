import * as React from 'react';

import { bind } from './bind';
import { ClusterFields } from './ClusterFields';
import { Field } from './Field';
import { isOnCluster } from './form';
import type { LaunchModel } from './model';
import { clusterText, freeText } from './words';

/** Where the job runs, and how much it may take there. */
export function Where(props: { launch: LaunchModel }): React.ReactElement {
  const { launch } = props;
  const { form, runner, cluster } = launch;
  const { trans } = launch.model;
  const titleId = React.useId();
  const isFar = isOnCluster(form);
  const hasGpus = runner !== null && runner.gpus.length > 0;
  const here = runner ? `${runner.label}: ${freeText(runner, trans)}` : '\u00a0';
  return (
    <div className="jp-TracksideLaunch-where" role="group" aria-labelledby={titleId}>
      <div className="jp-TracksideLaunch-title">
        <span id={titleId}>{trans.__('Where')}</span>
        {(cluster || isFar) && <Choice launch={launch} labelledBy={titleId} />}
      </div>
      <small>{isFar ? clusterText(cluster, trans) : here}</small>
      {isFar ? (
        <ClusterFields launch={launch} />
      ) : (
        <div className="jp-TracksideLaunch-row">
          <Field placeholder={trans.__('any')} {...bind(launch, 'cpus')} />
          <Field placeholder={trans.__('none')} {...bind(launch, 'memory')} />
          {(hasGpus || form.gpus !== '') && <Field placeholder="0" {...bind(launch, 'gpus')} />}
        </div>
      )}
    </div>
  );
}

function Choice(props: { launch: LaunchModel; labelledBy: string }): React.ReactElement {
  const { launch, labelledBy } = props;
  const { trans } = launch.model;
  const name = React.useId();
  const isFar = isOnCluster(launch.form);
  const namespace = launch.cluster?.namespace;
  const choices = [
    { on: 'local', isChosen: !isFar, label: trans.__('this machine') },
    {
      on: 'cluster',
      isChosen: isFar,
      label: namespace ? trans.__('cluster %1', namespace) : trans.__('cluster')
    }
  ];
  return (
    <div className="jp-TracksideLaunch-choice" role="radiogroup" aria-labelledby={labelledBy}>
      {choices.map(({ on, isChosen, label }) => (
        <label key={on}>
          <input
            type="radio"
            name={name}
            checked={isChosen}
            onChange={() => launch.setForm({ on })}
          />
          {label}
        </label>
      ))}
    </div>
  );
}
