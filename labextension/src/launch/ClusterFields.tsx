import * as React from 'react';

import { bind } from './bind';
import { Field } from './Field';
import type { LaunchModel } from './model';
import { Select } from './Select';
import { gpuChoices, runtimeChoices } from './words';

/** What a job may ask of the cluster. */
export function ClusterFields(props: { launch: LaunchModel }): React.ReactElement {
  const { launch } = props;
  const { form, cluster } = launch;
  const { trans } = launch.model;
  const queues = cluster?.queues ?? [];
  const runtimes = cluster?.runtimes ?? [];
  return (
    <>
      <div className="jp-TracksideLaunch-row">
        <Field placeholder="0" className="jp-mod-narrow" {...bind(launch, 'gpus')} />
        <Select
          choices={gpuChoices(cluster?.gpus ?? [], trans)}
          className="jp-mod-wide"
          {...bind(launch, 'gpuType')}
        />
        <Field placeholder="1" className="jp-mod-narrow" {...bind(launch, 'nodes')} />
      </div>
      <div className="jp-TracksideLaunch-row">
        <Field placeholder={trans.__('any')} {...bind(launch, 'cpus')} />
        <Field placeholder={trans.__('none')} {...bind(launch, 'memory')} />
      </div>
      <div className="jp-TracksideLaunch-row">
        <Field
          placeholder={
            cluster?.notebook?.image
              ? trans.__('the notebook’s image')
              : trans.__('registry/image:tag')
          }
          hint={form.image ? undefined : (cluster?.notebook?.image ?? undefined)}
          {...bind(launch, 'image')}
        />
      </div>
      {(queues.length > 0 || runtimes.length > 0) && (
        <div className="jp-TracksideLaunch-row">
          {queues.length > 0 && (
            <Select
              choices={[
                { value: '', label: trans.__('default') },
                ...queues.map(({ name, pending }) => ({
                  value: name,
                  label: trans.__('%1 · %2 waiting', name, pending)
                }))
              ]}
              {...bind(launch, 'queue')}
            />
          )}
          {runtimes.length > 0 && (
            <Select choices={runtimeChoices(runtimes, trans)} {...bind(launch, 'runtime')} />
          )}
        </div>
      )}
      <label className="jp-TracksideLaunch-check">
        <input
          type="checkbox"
          checked={form.install}
          onChange={event => launch.setForm({ install: event.target.checked })}
        />
        {trans.__('Install what was added to the notebook’s image')}
      </label>
    </>
  );
}
