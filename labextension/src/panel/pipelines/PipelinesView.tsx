import { addIcon, listIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { PipelinePlace } from '../../api/pipelineplace';
import { CommandIDs } from '../../commands';
import { useRefresh, useSignal } from '../../components/hooks';
import { IconButton } from '../../components/IconButton';
import { WHILE_LISTED } from '../../models/kfp';
import type { PipelinePlaces, PipelinesTab } from '../../models/pipelineplaces';
import { Action } from '../../shared/Action';
import { PipelineList, RunList } from './Lists';
import { PlaceState } from './PlaceState';
import { PlaceSwitch } from './PlaceSwitch';
import { RecurringList } from './RecurringList';

/** How often it is asked what is wrong with what recurs: that a file is gone, or back, is no event. */
const WHILE_RECURRING = 60_000;

/** Pipeline runs, pipelines, and what recurs, one line each, here or on a KFP server. */
export function PipelinesView(props: {
  places: PipelinePlaces;
  onPlace: (place: PipelinePlace) => void;
  commands: CommandRegistry;
}): React.ReactElement {
  const { places, onPlace, commands } = props;
  const { trans, connectionChanged, kfp } = places.model;
  useSignal(connectionChanged);
  useSignal(places.changed);
  const { lists, shown, tab } = places;
  const isThere = shown === 'kfp';
  const here = tab === 'recurring' ? WHILE_RECURRING : null;
  const frame = useRefresh<HTMLDivElement>(isThere ? WHILE_LISTED : here, async () => {
    if (isThere) {
      await kfp.refresh();
    }
    await lists[tab].refresh();
  });
  const tabs: [PipelinesTab, string][] = [
    ['runs', trans.__('Runs')],
    ['pipelines', trans.__('Pipelines')],
    ['recurring', trans.__('Recurring')]
  ];
  const List = { runs: RunList, pipelines: PipelineList, recurring: RecurringList }[tab];
  return (
    <div ref={frame} className="jp-TracksidePipelines">
      <PlaceSwitch places={places} onPlace={onPlace} />
      <div className="jp-TracksidePipelines-bar">
        <div role="group" aria-label={trans.__('What is listed')}>
          {tabs.map(([key, label]) => (
            <Action
              key={key}
              label={label}
              pressed={tab === key}
              onClick={() => places.showTab(key)}
            />
          ))}
        </div>
        <span>
          <IconButton
            icon={addIcon}
            label={isThere ? trans.__('Send a YAML file…') : trans.__('Run a YAML file…')}
            onClick={() =>
              void (isThere
                ? commands.execute(CommandIDs.sendToKubeflow, { ask: true })
                : commands.execute(CommandIDs.runPipelineFile))
            }
          />
          <IconButton
            icon={listIcon}
            label={trans.__('Open all pipeline runs as a list')}
            onClick={() => void commands.execute(CommandIDs.openPipelineRuns, { place: shown })}
          />
        </span>
      </div>
      {isThere && <PlaceState kfp={kfp} trans={trans} />}
      <List key={shown} lists={lists} commands={commands} />
    </div>
  );
}
