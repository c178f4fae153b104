import type { IStateDB } from '@jupyterlab/statedb';
import { ReactWidget, type SidePanel } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import { AccordionPanel } from '@lumino/widgets';
import * as React from 'react';

import { RunsModel } from '../models/runs';
import type { IRunsView } from '../models/view';
import type { ITracksideModel } from '../tokens';
import { Announcer } from './Announcer';
import { JobsSummary } from './JobsSummary';
import { JobsView } from './JobsView';
import { Notice } from './Notice';
import { RunsView } from './RunsView';
import { createSection } from './section';

/** Where the state of the panel is kept. */
const STATE = 'trackside:panel';

/** What is remembered of the panel. */
interface IPanelState {
  /** The ids of the sections that are folded. */
  folded?: string[];
  view?: Partial<IRunsView>;
}

/** Put the sections into the panel, as they were left. */
export async function fillPanel(
  panel: SidePanel,
  model: ITracksideModel,
  commands: CommandRegistry,
  stateDB: IStateDB | null
): Promise<void> {
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

  panel.addWidget(
    createSection({
      id: 'jobs',
      label: trans.__('Jobs'),
      summary: <JobsSummary model={model} />,
      content: <JobsView model={model} commands={commands} />,
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

  const { content } = panel;
  if (content instanceof AccordionPanel) {
    panel.widgets.forEach((section, index) => {
      if (state.folded?.includes(section.id)) {
        content.collapse(index);
      }
    });
    content.expansionToggled.connect(() =>
      save({ folded: panel.widgets.filter(({ isHidden }) => isHidden).map(({ id }) => id) })
    );
  }
}
