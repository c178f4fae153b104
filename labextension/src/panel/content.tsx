import type { IStateDB } from '@jupyterlab/statedb';
import { ReactWidget, type SidePanel } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import { AccordionPanel } from '@lumino/widgets';
import * as React from 'react';

import type { PipelinePlace } from '../api/pipelineplace';
import { ClusterModel } from '../models/cluster';
import { PipelinePlaces, type PipelinesTab } from '../models/pipelineplaces';
import { RegistryModel } from '../models/registry';
import { RunsModel } from '../models/runs';
import type { IRunsView } from '../models/view';
import type { ITracksideModel } from '../tokens';
import { Announcer } from './Announcer';
import { ClusterSummary } from './cluster/ClusterSummary';
import { ClusterView } from './cluster/ClusterView';
import { JobsSummary } from './JobsSummary';
import { JobsView } from './JobsView';
import { ModelsView } from './models/ModelsView';
import { Notice } from './Notice';
import { PipelinesSummary } from './pipelines/PipelinesSummary';
import { PipelinesView } from './pipelines/PipelinesView';
import { RunsView } from './RunsView';
import { Room } from './room';
import { createSection } from './section';

/** Where the state of the panel is kept. */
const STATE = 'trackside:panel';

/** The sections that are folded until somebody unfolds them. */
const FOLDED_AT_FIRST = ['trackside-section-pipelines', 'trackside-section-cluster'];

/** What is remembered of the panel. */
interface IPanelState {
  /** The ids of the sections that are folded, and of those that are not. */
  folded?: string[];
  unfolded?: string[];
  view?: Partial<IRunsView>;
  /** What the models are filtered by. */
  models?: string;
  /** What the section of pipelines lists. */
  pipelines?: PipelinesTab;
  /** Where these are. */
  place?: PipelinePlace;
}

/** What can be brought into view of the panel. */
export interface IPanelContent {
  showRecurring: () => void;
}

/** Put the sections into the panel, as they were left. */
export async function fillPanel(
  panel: SidePanel,
  model: ITracksideModel,
  commands: CommandRegistry,
  stateDB: IStateDB | null
): Promise<IPanelContent> {
  const { trans } = model;
  const state: IPanelState = { ...((await stateDB?.fetch(STATE)) as IPanelState | undefined) };
  const save = (change: IPanelState): void => {
    Object.assign(state, change);
    void stateDB?.save(STATE, JSON.parse(JSON.stringify(state)));
  };

  const runs = new RunsModel(model, state.view);
  runs.viewChanged.connect((_, view) => save({ view }));
  panel.disposed.connect(() => runs.dispose());

  const notice = ReactWidget.create(
    <>
      <Notice model={model} />
      <Announcer model={model} />
    </>
  );
  notice.addClass('jp-TracksideSide-notice');
  panel.header.addWidget(notice);

  const places = new PipelinePlaces(model, state.place, state.pipelines);
  places.changed.connect(() => {
    if (places.tab !== (state.pipelines ?? 'runs')) {
      save({ pipelines: places.tab });
    }
  });
  panel.disposed.connect(() => places.dispose());

  panel.addWidget(
    createSection({
      id: 'jobs',
      label: trans.__('Jobs'),
      summary: <JobsSummary model={model} />,
      content: (
        <JobsView model={model} recurring={places.listsAt('here').recurring} commands={commands} />
      ),
      trans
    })
  );
  panel.addWidget(
    createSection({
      id: 'runs',
      label: trans.__('Runs'),
      content: <RunsView runs={runs} commands={commands} />,
      trans
    })
  );

  const registry = new RegistryModel(model, state.models);
  registry.filterChanged.connect((_, filter) => save({ models: filter }));
  panel.disposed.connect(() => registry.dispose());
  panel.addWidget(
    createSection({
      id: 'models',
      label: trans.__('Models'),
      content: <ModelsView registry={registry} commands={commands} />,
      trans
    })
  );

  const pipelines = createSection({
    id: 'pipelines',
    label: trans.__('Pipelines'),
    summary: <PipelinesSummary places={places} />,
    content: (
      <PipelinesView places={places} onPlace={place => save({ place })} commands={commands} />
    ),
    trans
  });
  panel.addWidget(pipelines);

  const cluster = new ClusterModel(model);
  panel.disposed.connect(() => cluster.dispose());
  panel.addWidget(
    createSection({
      id: 'cluster',
      label: trans.__('Cluster'),
      summary: <ClusterSummary cluster={cluster} />,
      content: <ClusterView cluster={cluster} />,
      trans
    })
  );

  const { content } = panel;
  if (content instanceof AccordionPanel) {
    const idsOf = (isFolded: boolean): string[] =>
      panel.widgets.filter(({ isHidden }) => isHidden === isFolded).map(({ id }) => id);
    panel.widgets.forEach(({ id }, index) => {
      const isNew = !state.unfolded?.includes(id) && FOLDED_AT_FIRST.includes(id);
      if (state.folded?.includes(id) || isNew) {
        content.collapse(index);
      }
    });
    const room = new Room(content, 'trackside-section-runs');
    panel.disposed.connect(() => room.dispose());
    content.expansionToggled.connect(() => {
      save({ folded: idsOf(true), unfolded: idsOf(false) });
    });
  }
  return {
    showRecurring: () => {
      places.show('here');
      places.showTab('recurring');
      if (content instanceof AccordionPanel) {
        content.expand(panel.widgets.indexOf(pipelines));
      }
    }
  };
}
