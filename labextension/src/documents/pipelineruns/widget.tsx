import type { MainAreaWidget } from '@jupyterlab/apputils';
import { listIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { DocumentContent, type IDocumentTitle, inMainArea } from '../../components/DocumentContent';
import type { RunsDocumentModel } from './model';
import { PipelineRunsView } from './PipelineRunsView';

/** What stands in the main area. */
export class PipelineRunsContent extends DocumentContent<RunsDocumentModel> {
  constructor(
    document: RunsDocumentModel,
    private readonly commands: CommandRegistry
  ) {
    super(document, { icon: listIcon, className: 'jp-TracksidePipelineRuns' });
  }

  protected titles({ place, tracks }: RunsDocumentModel): IDocumentTitle {
    const { trans, kfp } = tracks;
    return place === 'kfp'
      ? {
          label: trans.__('Runs on KFP'),
          caption: trans.__('All pipeline runs on %1', kfp.status.host)
        }
      : { label: trans.__('Pipeline runs'), caption: trans.__('All pipeline runs') };
  }

  protected view(): JSX.Element {
    return <PipelineRunsView document={this.document} commands={this.commands} />;
  }
}

/** The list of pipeline runs, as it is added to the shell. */
export function createPipelineRunsDocument(
  document: RunsDocumentModel,
  commands: CommandRegistry
): MainAreaWidget<PipelineRunsContent> {
  return inMainArea(
    new PipelineRunsContent(document, commands),
    `trackside-pipeline-runs-${document.place}`
  );
}
